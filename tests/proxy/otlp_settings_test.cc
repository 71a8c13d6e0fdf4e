#include "proxy/telemetry/tracing/otlp_settings.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>

#include "tests/proxy/logged_lines.h"
#include "tests/proxy/sample_span.h"
#include "tests/support/certificates.h"

namespace puente {
namespace {

using namespace std::chrono_literals;
using test::EnvironmentOf;
using test::LoggedLines;
using test::TestCertificates;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using Protocol = OtlpSettings::Protocol;
using Variables = std::map<std::string, std::string, std::less<>>;

OtlpSettings Make(const config::Tracing& tracing, Variables variables) {
  std::vector<Problem> problems;
  auto settings = MakeOtlpSettings(tracing, EnvironmentOf(std::move(variables)), problems);
  EXPECT_THAT(problems, IsEmpty());
  return settings.value();
}

config::Tracing To(const std::string& endpoint,
                   std::optional<config::Tracing::OtlpProtocol> protocol = std::nullopt) {
  config::Tracing tracing;
  if (!endpoint.empty()) tracing.set_otlp_endpoint(endpoint);
  if (protocol) tracing.set_otlp_protocol(*protocol);
  return tracing;
}

TEST(OtlpSettingsTest, ProtocolAndEndpoint) {
  struct Case {
    config::Tracing tracing;
    Variables variables;
    std::string expected;  // protocol and URL
    bool warned = false;
  };
  const auto kHttp = config::Tracing::OTLP_PROTOCOL_HTTP;
  const std::string kProtocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
  const std::string kTracesProtocol = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
  const std::string kBase = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const std::string kTraces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  const Case cases[] = {
      {{}, {}, "grpc http://127.0.0.1:4317"},
      {To("", kHttp), {}, "http http://127.0.0.1:4318/v1/traces"},
      {To("http://c:1"), {{kBase, "http://d:2"}}, "grpc http://c:1"},
      {To("http://c"), {}, "grpc http://c:80"},
      {To("https://c/x"), {}, "grpc https://c:443"},
      {To("http://c:1", kHttp), {}, "http http://c:1/v1/traces"},
      {To("http://c:1/", kHttp), {}, "http http://c:1/v1/traces"},
      {To("https://[::1]:1/otlp/", kHttp), {}, "http https://[::1]:1/otlp/v1/traces"},
      {To("http://c:1/v1/traces", kHttp), {}, "http http://c:1/v1/traces"},
      {{}, {{kBase, "http://d:2"}}, "grpc http://d:2"},
      {{}, {{kBase, "http://d:2"}, {kTraces, "http://e:3"}}, "grpc http://e:3"},
      {{}, {{kProtocol, "http/protobuf"}, {kBase, "http://d:2/x"}}, "http http://d:2/x/v1/traces"},
      {{}, {{kProtocol, "http/protobuf"}, {kTraces, "http://d:2/x"}}, "http http://d:2/x"},
      {{}, {{kProtocol, "http/protobuf"}, {kTraces, "http://d:2"}}, "http http://d:2/"},
      {{}, {{kProtocol, "http/protobuf"}, {kTracesProtocol, "grpc"}}, "grpc http://127.0.0.1:4317"},
      {To("", kHttp), {{kProtocol, "grpc"}}, "http http://127.0.0.1:4318/v1/traces"},
      {{}, {{kProtocol, "http/json"}}, "http http://127.0.0.1:4318/v1/traces", true},
      {{}, {{kProtocol, "udp"}}, "grpc http://127.0.0.1:4317", true},
      {{}, {{kBase, "d:2"}}, "grpc http://127.0.0.1:4317", true},
      {{}, {{kBase, "http://d:2"}, {kTraces, "http://u:p@e:3"}}, "grpc http://d:2", true},
  };
  for (const Case& c : cases) {
    const LoggedLines log;
    const OtlpSettings settings = Make(c.tracing, c.variables);
    EXPECT_EQ((settings.protocol == Protocol::kGrpc ? "grpc " : "http ") + ToString(settings.url),
              c.expected);
    EXPECT_EQ(!log.Get().empty(), c.warned) << log.Text();
    EXPECT_THAT(log.Text(), Not(HasSubstr("u:p")));
  }
}

TEST(OtlpSettingsTest, Headers) {
  const std::string kName = "OTEL_EXPORTER_OTLP_HEADERS";
  EXPECT_THAT(Make({}, {{kName, "X-Token=a%20b%3D, other=c"}}).headers,
              ElementsAre(Header{"x-token", "a b="}, Header{"other", "c"}));
  EXPECT_THAT(Make({}, {{kName, "a=b"}, {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "c=d"}}).headers,
              ElementsAre(Header{"c", "d"}));
  config::Tracing tracing;
  (*tracing.mutable_otlp_headers())["X-File"] = "f";
  EXPECT_THAT(Make(tracing, {{kName, "a=b"}}).headers, ElementsAre(Header{"x-file", "f"}));
}

// gRPC would end the process over them.
TEST(OtlpSettingsTest, HeadersThatAreNotLegalArePassedOverAndNotShown) {
  for (const std::string header :
       {"a b=secret", ":path=secret", "grpc-timeout=secret", "te=secret", "a=secret%0A",
        "a=secret%C3%A4", "host=secret", "a=secret%zz", "secret"}) {
    const LoggedLines log;
    const OtlpSettings settings = Make({}, {{"OTEL_EXPORTER_OTLP_HEADERS", header}});
    EXPECT_THAT(settings.headers, IsEmpty()) << header;
    EXPECT_THAT(log.Text(),
                AllOf(HasSubstr("OTEL_EXPORTER_OTLP_HEADERS"), Not(HasSubstr("secret"))));
  }
}

TEST(OtlpSettingsTest, TimeoutAndCompression) {
  EXPECT_EQ(Make({}, {}).timeout, 10s);
  EXPECT_EQ(Make({}, {{"OTEL_EXPORTER_OTLP_TIMEOUT", "250"}}).timeout, 250ms);
  EXPECT_EQ(Make({}, {{"OTEL_EXPORTER_OTLP_TIMEOUT", "250"},
                      {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "300"}})
                .timeout,
            300ms);
  EXPECT_FALSE(Make({}, {}).gzip);
  EXPECT_TRUE(Make({}, {{"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"}}).gzip);
  EXPECT_FALSE(Make({}, {{"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                         {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none"}})
                   .gzip);
  const LoggedLines log;
  EXPECT_EQ(Make({}, {{"OTEL_EXPORTER_OTLP_TIMEOUT", "soon"}}).timeout, 10s);
  EXPECT_FALSE(Make({}, {{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"}}).gzip);
  EXPECT_THAT(log.Get(),
              ElementsAre(HasSubstr("OTEL_EXPORTER_OTLP_TIMEOUT: not a whole number from 1 to "
                                    "3600000; 10000 is used"),
                          HasSubstr("OTEL_EXPORTER_OTLP_COMPRESSION")));
}

class OtlpSettingsTlsTest : public testing::Test {
 protected:
  TestCertificates certificates_;
  const std::string nothing_ = certificates_.dir.File("nothing");
  const std::string no_pem_ = certificates_.dir.Write("no.pem", "hello");
};

TEST_F(OtlpSettingsTlsTest, FilesOfTheSection) {
  config::Tracing tracing = To("https://c:1");
  tracing.mutable_otlp_tls()->set_ca(certificates_.ca);
  tracing.mutable_otlp_tls()->set_certificate(certificates_.client_with_dns.certificate);
  tracing.mutable_otlp_tls()->set_private_key(certificates_.client_with_dns.private_key);
  tracing.mutable_otlp_tls()->set_server_name("collector.example");
  const OtlpSettings settings = Make(tracing, {{"OTEL_EXPORTER_OTLP_CERTIFICATE", nothing_}});
  EXPECT_THAT(settings.tls.ca, StartsWith("-----BEGIN CERTIFICATE"));
  EXPECT_THAT(settings.tls.certificate, StartsWith("-----BEGIN CERTIFICATE"));
  EXPECT_THAT(settings.tls.private_key, StartsWith("-----BEGIN PRIVATE KEY"));
  EXPECT_EQ(settings.tls.server_name, "collector.example");
}

TEST_F(OtlpSettingsTlsTest, FilesOfTheSectionThatCannotBeUsedAreProblems) {
  config::Tracing tracing = To("https://c:1");
  tracing.mutable_otlp_tls()->set_ca(no_pem_);
  tracing.mutable_otlp_tls()->set_certificate(certificates_.client_with_dns.certificate);
  tracing.mutable_otlp_tls()->set_private_key(certificates_.client_with_uri.private_key);
  std::vector<Problem> problems;
  EXPECT_FALSE(MakeOtlpSettings(tracing, EnvironmentOf({}), problems));
  EXPECT_THAT(problems,
              ElementsAre(Field(&Problem::key, "telemetry.tracing.otlp_tls.ca"),
                          Field(&Problem::key, "telemetry.tracing.otlp_tls.private_key")));
  problems.clear();
  tracing.mutable_otlp_tls()->set_ca(nothing_);
  EXPECT_FALSE(MakeOtlpSettings(tracing, EnvironmentOf({}), problems));
  EXPECT_THAT(problems, ElementsAre(Field(&Problem::message, HasSubstr("can't read"))));
}

TEST_F(OtlpSettingsTlsTest, FilesOfTheEnvironment) {
  const std::string kPrefix = "OTEL_EXPORTER_OTLP_";
  const test::KeyPair& pair = certificates_.client_with_dns;
  const OtlpSettings settings =
      Make(To("https://c:1"), {{kPrefix + "CERTIFICATE", certificates_.ca},
                               {kPrefix + "CLIENT_CERTIFICATE", pair.certificate},
                               {kPrefix + "CLIENT_KEY", pair.private_key}});
  EXPECT_THAT(settings.tls.ca, StartsWith("-----BEGIN CERTIFICATE"));
  EXPECT_THAT(settings.tls.certificate, StartsWith("-----BEGIN CERTIFICATE"));
  EXPECT_THAT(settings.tls.private_key, StartsWith("-----BEGIN PRIVATE KEY"));

  const LoggedLines log;
  const OtlpSettings bad = Make(
      To("https://c:1"),
      {{kPrefix + "CERTIFICATE", nothing_}, {kPrefix + "CLIENT_CERTIFICATE", pair.certificate}});
  EXPECT_EQ(bad.tls.ca + bad.tls.certificate, "");
  EXPECT_THAT(log.Text(),
              AllOf(HasSubstr(kPrefix + "CERTIFICATE"), HasSubstr(kPrefix + "CLIENT_CERTIFICATE")));
}

}  // namespace
}  // namespace puente
