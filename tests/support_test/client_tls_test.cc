#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "tests/support/certificates.h"
#include "tests/support/http_client.h"

namespace puente::test {
namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

// Shakes hands with one client, demanding a certificate of it when `client_ca` is given, answers
// its first bytes and closes in order.
class TlsServer {
 public:
  explicit TlsServer(const KeyPair& identity, const std::string& client_ca = {})
      : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
        listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    SSL_CTX_use_certificate_chain_file(context_.get(), identity.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context_.get(), identity.private_key.c_str(), SSL_FILETYPE_PEM);
    if (!client_ca.empty()) {
      SSL_CTX_load_verify_file(context_.get(), client_ca.c_str());
      SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                         nullptr);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TlsServer() { thread_.join(); }

  std::uint16_t port() const { return port_; }

 private:
  void Serve() {
    const int connection = ::accept(listener_, nullptr, nullptr);
    const std::unique_ptr<SSL, decltype(&SSL_free)> session(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(session.get(), connection);
    char request[4096];
    if (SSL_accept(session.get()) == 1 && SSL_read(session.get(), request, sizeof request) > 0) {
      SSL_write(session.get(), kAnswer.data(), static_cast<int>(kAnswer.size()));
      SSL_shutdown(session.get());
      ::shutdown(connection, SHUT_WR);
      while (::recv(connection, request, sizeof request, 0) > 0) {
      }
    }
    ::close(connection);
    ::close(listener_);
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

class ClientTlsTest : public testing::Test {
 protected:
  ClientOptions With(const KeyPair& pair, int max_version = 0) const {
    return {.tls = ClientTls{.ca = files_.ca,
                             .certificate = pair.certificate,
                             .private_key = pair.private_key,
                             .max_version = max_version}};
  }

  TestCertificates files_;
};

TEST_F(ClientTlsTest, TalksOverBothVersions) {
  for (const auto& [version, name] :
       {std::pair(TLS1_2_VERSION, "TLSv1.2"), std::pair(TLS1_3_VERSION, "TLSv1.3")}) {
    TlsServer server(files_.server);
    auto client = HttpClient::Connect(server.port(), With({}, version));
    EXPECT_EQ(client.tls_version(), name);
    EXPECT_EQ(client.Get("/").body, "hi");
    EXPECT_EQ(client.ReadUntilClosed(), "");
    EXPECT_FALSE(client.was_reset());
  }
}

TEST_F(ClientTlsTest, ShowsItsCertificate) {
  TlsServer server(files_.server, files_.ca);
  auto client = HttpClient::Connect(server.port(), With(files_.client_with_uri));
  EXPECT_EQ(client.Get("/").status, 200);
}

TEST_F(ClientTlsTest, FailsWhereItsCertificateIsRefused) {
  for (const KeyPair& pair : {KeyPair{}, files_.client_of_other_ca, files_.expired_client}) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      TlsServer server(files_.server, files_.ca);
      EXPECT_THROW(HttpClient::Connect(server.port(), With(pair, version)).Get("/"), ClientError);
    }
  }
}

TEST_F(ClientTlsTest, RefusesAServerThatItDoesNotTrust) {
  TlsServer server(files_.client_of_other_ca);
  EXPECT_THROW(HttpClient::Connect(server.port(), With({})), ClientError);
}

TEST_F(ClientTlsTest, RefusesACertificateForAnotherName) {
  TlsServer server(files_.client_with_dns);
  EXPECT_THROW(HttpClient::Connect(server.port(), With({})), ClientError);
}

}  // namespace
}  // namespace puente::test
