// An HTTP upstream that speaks TLS.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>

#include "tests/integration/example_calls.h"
#include "tests/integration/migration_proxy.h"
#include "tests/support/certificates.h"

namespace puente::test {
namespace {

using testing::Optional;

class HttpsUpstreamTest : public testing::Test {
 protected:
  std::string Config(const RecordingUpstream& upstream, const std::string& tls) const {
    return ForwardingConfig(upstream.url(), {.upstream = fmt::format(", tls: {{{}}}", tls)});
  }

  TestCertificates files_;
};

TEST_F(HttpsUpstreamTest, IsVerifiedAndSpokenTo) {
  RecordingUpstream upstream(kLegacyAnswer, RawServer::Tls{files_.server, ""});
  auto proxy = ProxyUnderTest::FromConfig(Config(upstream, fmt::format("ca: \"{}\"", files_.ca)));
  EXPECT_EQ(proxy.Get("/x").body, "{\"id\":\"legacy\"}");
  EXPECT_EQ(proxy.Post("/x", std::string(200'000, 'x')).status, 200);
  EXPECT_EQ(upstream.Last().body.size(), 200'000U);
  EXPECT_THAT(upstream.Last().Header("x-forwarded-proto"), Optional(std::string("http")));
}

TEST_F(HttpsUpstreamTest, OneThatIsNotToBeTrustedGetsNothing) {
  RecordingUpstream upstream(kLegacyAnswer, RawServer::Tls{files_.server, ""});
  for (const std::string& tls :
       {fmt::format("ca: \"{}\"", files_.other_authority.file()),
        fmt::format("ca: \"{}\", server_name: another.example", files_.ca)}) {
    auto proxy = ProxyUnderTest::FromConfig(Config(upstream, tls));
    EXPECT_THAT(proxy.Get("/x"), IsError(503, 14)) << tls;
  }
  EXPECT_TRUE(upstream.Requests().empty());
}

TEST_F(HttpsUpstreamTest, GetsTheClientsCertificateWhereItAsks) {
  RecordingUpstream upstream(kLegacyAnswer, RawServer::Tls{files_.server, files_.ca});
  auto with = ProxyUnderTest::FromConfig(
      Config(upstream,
             fmt::format("ca: \"{}\", certificate: \"{}\", private_key: \"{}\"", files_.ca,
                         files_.client_with_uri.certificate, files_.client_with_uri.private_key)));
  EXPECT_EQ(with.Get("/x").status, 200);
  auto without = ProxyUnderTest::FromConfig(Config(upstream, fmt::format("ca: \"{}\"", files_.ca)));
  EXPECT_GE(without.Get("/x").status, 502);
}

}  // namespace
}  // namespace puente::test
