// TLS on the listener (design section 3).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <chrono>

#include "tests/integration/invoice_proxy.h"
#include "tests/support/certificates.h"

namespace puente::test {
namespace {

class TlsTest : public testing::Test {
 protected:
  // `more` goes into the listener's `tls`.
  InvoiceProxy ProxyWith(const std::string& more = {}, const std::string& config = {}) const {
    return InvoiceProxy(config, Listener(files_.server, more));
  }

  static std::string Listener(const KeyPair& pair, const std::string& more = {}) {
    return fmt::format(
        "{{name: rest, address: \"127.0.0.1:0\", tls: {{certificate: \"{}\", private_key: \"{}\", "
        "{}}}}}",
        pair.certificate, pair.private_key, more);
  }

  std::string AskForCertificates(const std::string& how) const {
    return fmt::format("client_ca: \"{}\", client_auth: {}", files_.ca, how);
  }

  ClientOptions With(const KeyPair& pair, int max_version = 0) const {
    return {.tls = ClientTls{.ca = files_.ca,
                             .certificate = pair.certificate,
                             .private_key = pair.private_key,
                             .max_version = max_version}};
  }

  // Whether a request on a connection with these options is answered 200. A TLS 1.3 server refuses
  // a client's certificate only after the handshake.
  static bool IsServed(const InvoiceProxy& under_test, const ClientOptions& options) {
    try {
      return under_test.proxy.Connect(options).Get("/v1/invoices/7").status == 200;
    } catch (const ClientError&) {
      return false;
    }
  }

  TestCertificates files_;
};

TEST_F(TlsTest, ServesTheSameRequestsOverBothVersions) {
  const auto under_test = ProxyWith();
  for (const auto& [version, name] :
       {std::pair(TLS1_2_VERSION, "TLSv1.2"), std::pair(TLS1_3_VERSION, "TLSv1.3")}) {
    auto client = under_test.proxy.Connect(With({}, version));
    EXPECT_EQ(client.tls_version(), name);
    EXPECT_EQ(client.Get("/v1/invoices/7").body, "{\"id\":\"7\"}");
    EXPECT_EQ(client.Post("/v1/customers/c/invoices", "{}").body, "{}");
    EXPECT_EQ(client.Request("HEAD", "/v1/invoices/7").status, 200);
    EXPECT_EQ(FindErrorDifference(client.Get("/nowhere"), 404, 5), std::nullopt);
  }
  const auto call = under_test.upstream.Calls().front();
  EXPECT_EQ(FindMetadata(call.metadata, "x-forwarded-proto"), "https");
  EXPECT_EQ(FindMetadata(call.metadata, "x-client-identity"), std::nullopt);
}

TEST_F(TlsTest, LargeBodiesPassBothWays) {
  InvoiceProxy under_test = ProxyWith();
  const std::string id(1 << 20, 'a');
  under_test.upstream.OnUnary(kCreateInvoice, UnaryReply{.bytes = "\x0a\x80\x80\x40" + id});
  auto client = under_test.proxy.Connect(With({}));
  const auto answer = client.Post("/v1/customers/c/invoices", "{\"id\":\"" + id + "\"}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"id\":\"" + id + "\"}");
  EXPECT_EQ(client.Get("/v1/invoices/7").status, 200);
}

TEST_F(TlsTest, AnAnswerToABodyThatIsTooLargeSurvivesTheRestOfTheBody) {
  const auto under_test = ProxyWith({}, "limits: {max_request_body_bytes: 1000}");
  auto client = under_test.proxy.Connect(With({}));
  client.SendRaw(
      "POST /v1/customers/c/invoices HTTP/1.1\r\nHost: a\r\nContent-Length: 16777216\r\n\r\n");
  EXPECT_TRUE(client.TrySendRaw(std::string(16 << 20, ' ')));
  EXPECT_EQ(FindErrorDifference(client.ReadResponse("POST"), 413, 8), std::nullopt);
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(TlsTest, BrokenFramingIsAnswered400) {
  const auto under_test = ProxyWith();
  auto client = under_test.proxy.Connect(With({}));
  client.SendRaw("GET /v1/invoices/7 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(FindErrorDifference(client.ReadResponse(), 400, 3), std::nullopt);
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(TlsTest, ConnectionsEndWithANotice) {
  const auto under_test = ProxyWith({}, "limits: {idle_timeout: 200ms}");
  auto client = under_test.proxy.Connect(With({}));
  EXPECT_EQ(client.Get("/v1/invoices/7").status, 200);
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(TlsTest, MinVersionRefusesOlderOnes) {
  const auto under_test = ProxyWith("min_version: TLS1_3");
  EXPECT_THROW(under_test.proxy.Connect(With({}, TLS1_2_VERSION)), ClientError);
  EXPECT_TRUE(IsServed(under_test, With({}, TLS1_3_VERSION)));

  const auto older = ProxyWith();
  EXPECT_THROW(older.proxy.Connect(With({}, TLS1_1_VERSION)), ClientError);
}

TEST_F(TlsTest, RequiredCertificatesAreRequired) {
  const auto under_test = ProxyWith(AskForCertificates("REQUIRE"));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_FALSE(IsServed(under_test, With({}, version)));
    EXPECT_FALSE(IsServed(under_test, With(files_.client_of_other_ca, version)));
    EXPECT_FALSE(IsServed(under_test, With(files_.expired_client, version)));
    EXPECT_TRUE(IsServed(under_test, With(files_.client_with_uri, version)));
  }
  EXPECT_EQ(under_test.upstream.CallCount(), 2U);
}

TEST_F(TlsTest, OptionalCertificatesAreVerifiedWhenTheyAreThere) {
  const auto under_test = ProxyWith(AskForCertificates("OPTIONAL"));
  EXPECT_TRUE(IsServed(under_test, With({})));
  EXPECT_TRUE(IsServed(under_test, With(files_.client_with_uri)));
  EXPECT_FALSE(IsServed(under_test, With(files_.client_of_other_ca)));
  EXPECT_FALSE(IsServed(under_test, With(files_.expired_client)));
}

// Rule 11: the identity comes from the certificate, never from a header.
TEST_F(TlsTest, TheVerifiedNameGoesUpstream) {
  const auto under_test = ProxyWith(AskForCertificates("OPTIONAL"));
  const std::pair<KeyPair, std::optional<std::string>> kClients[] = {
      {files_.client_with_uri, TestCertificates::kUri},
      {files_.client_with_dns, TestCertificates::kDns},
      {KeyPair{}, std::nullopt},
  };
  for (const auto& [pair, identity] : kClients) {
    auto client = under_test.proxy.Connect(With(pair));
    client.Get("/v1/invoices/7", {{"X-Client-Identity", "spiffe://example.test/evil"}});
    const auto metadata = under_test.upstream.Calls().back().metadata;
    EXPECT_EQ(FindMetadata(metadata, "x-client-identity"), identity);
    EXPECT_EQ(std::ranges::count(metadata, "x-client-identity",
                                 [](const auto& entry) { return entry.first; }),
              identity ? 1 : 0);
  }
}

TEST_F(TlsTest, ASilentHandshakeIsClosed) {
  const auto under_test = ProxyWith("handshake_timeout: 200ms");
  auto client = under_test.proxy.Connect();
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_TRUE(WaitUntil(
      [&] { return under_test.proxy.Metric("grpc_active_connections{listener=\"rest\"}") == 0; }));
}

TEST_F(TlsTest, PlainTextIsRefused) {
  const auto under_test = ProxyWith();
  auto client = under_test.proxy.Connect();
  client.SendRaw("GET /v1/invoices/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.ReadUntilClosed(), testing::Not(testing::HasSubstr("HTTP/1.1 200")));
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

std::string ProblemOf(const std::string& listener) {
  try {
    InvoiceProxy under_test({}, listener);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

TEST_F(TlsTest, AKeyOfAnotherCertificateIsAProblemOfTheKey) {
  const std::string problem =
      ProblemOf(Listener({files_.server.certificate, files_.expired_client.private_key}));
  EXPECT_THAT(problem, testing::HasSubstr("test.yaml:1:"));
  EXPECT_THAT(problem, testing::HasSubstr("listeners[0].tls.private_key: "));
  EXPECT_THAT(problem, testing::HasSubstr("is not the key of " + files_.server.certificate));
}

TEST_F(TlsTest, AKeyWithAPassphraseIsAProblemOfTheKey) {
  const std::string file = files_.dir.File("encrypted.key");
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new_file(file.c_str(), "w"), BIO_free);
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), "secret", 6,
                                          nullptr, nullptr),
            1);
  ASSERT_EQ(BIO_flush(out.get()), 1);
  EXPECT_THAT(ProblemOf(Listener({files_.server.certificate, file})),
              testing::HasSubstr("listeners[0].tls.private_key: can't load " + file));
}

}  // namespace
}  // namespace puente::test
