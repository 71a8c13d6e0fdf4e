// TLS sessions are resumed, and what was verified when they began still holds (design section 3).
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "tests/integration/invoice_proxy.h"
#include "tests/support/certificates.h"

namespace puente::test {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
struct FreeSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;
using Session = std::unique_ptr<SSL_SESSION, FreeSession>;

struct Answer {
  std::string text;  // "" when the server refused
  bool resumed = false;
  Session session;
};

Context MakeContext(const std::string& ca, const KeyPair& pair, int version) {
  Context context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_load_verify_file(context.get(), ca.c_str());
  SSL_CTX_set_max_proto_version(context.get(), version);
  if (!pair.certificate.empty()) {
    SSL_CTX_use_certificate_chain_file(context.get(), pair.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), pair.private_key.c_str(), SSL_FILETYPE_PEM);
  }
  return context;
}

int ConnectTo(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

// One GET on a connection of its own, which resumes `session` when there is one.
Answer Get(std::uint16_t port, const Context& context, SSL_SESSION* session) {
  static constexpr std::string_view kRequest =
      "GET /v1/invoices/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const int fd = ConnectTo(port);
  const std::unique_ptr<SSL, FreeSsl> ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), fd);
  if (session != nullptr) SSL_set_session(ssl.get(), session);
  Answer answer;
  char bytes[4096];
  if (SSL_connect(ssl.get()) == 1 &&
      SSL_write(ssl.get(), kRequest.data(), static_cast<int>(kRequest.size())) > 0) {
    int received = 0;
    while ((received = SSL_read(ssl.get(), bytes, sizeof bytes)) > 0) {
      answer.text.append(bytes, static_cast<std::size_t>(received));
    }
    answer.resumed = SSL_session_reused(ssl.get()) == 1;
    answer.session.reset(SSL_get1_session(ssl.get()));
  }
  SSL_shutdown(ssl.get());
  ::close(fd);
  return answer;
}

class TlsResumptionTest : public testing::TestWithParam<int> {
 protected:
  std::string Listener(const std::string& client_auth) const {
    return fmt::format(
        "{{name: {}, address: \"127.0.0.1:0\", tls: {{certificate: \"{}\", private_key: \"{}\", "
        "{}}}}}",
        client_auth.empty() ? "open" : "closed", files_.server.certificate,
        files_.server.private_key, client_auth);
  }

  TestCertificates files_;
};

TEST_P(TlsResumptionTest, KeepsTheIdentityOfTheClient) {
  const InvoiceProxy under_test(
      {}, Listener(fmt::format("client_ca: \"{}\", client_auth: REQUIRE", files_.ca)));
  const auto port = under_test.proxy.port("closed");
  const auto context = MakeContext(files_.ca, files_.client_with_uri, GetParam());
  const Answer first = Get(port, context, nullptr);
  EXPECT_THAT(first.text, testing::StartsWith("HTTP/1.1 200 OK"));
  EXPECT_FALSE(first.resumed);
  const Answer second = Get(port, context, first.session.get());
  EXPECT_THAT(second.text, testing::StartsWith("HTTP/1.1 200 OK"));
  EXPECT_TRUE(second.resumed);
  for (const auto& call : under_test.upstream.Calls()) {
    EXPECT_EQ(FindMetadata(call.metadata, "x-client-identity"), TestCertificates::kUri);
  }
}

TEST_P(TlsResumptionTest, ASessionOfAnOpenListenerDoesNotOpenAnother) {
  const InvoiceProxy under_test(
      {}, Listener("") + ", " +
              Listener(fmt::format("client_ca: \"{}\", client_auth: REQUIRE", files_.ca)));
  const auto context = MakeContext(files_.ca, {}, GetParam());
  const Answer open = Get(under_test.proxy.port("open"), context, nullptr);
  EXPECT_THAT(open.text, testing::StartsWith("HTTP/1.1 200 OK"));
  const Answer closed = Get(under_test.proxy.port("closed"), context, open.session.get());
  EXPECT_EQ(closed.text, "");
  EXPECT_EQ(under_test.upstream.CallCount(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsResumptionTest,
                         testing::Values(TLS1_2_VERSION, TLS1_3_VERSION), [](const auto& info) {
                           return std::string(info.param == TLS1_2_VERSION ? "Tls12" : "Tls13");
                         });

}  // namespace
}  // namespace puente::test
