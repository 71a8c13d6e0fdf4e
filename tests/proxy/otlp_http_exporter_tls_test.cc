// The OTLP/HTTP exporter over TLS.
#include <gmock/gmock.h>

#include <chrono>

#include "proxy/file_contents.h"
#include "proxy/telemetry/tracing/otlp_http_exporter.h"
#include "tests/proxy/http_collector.h"
#include "tests/proxy/sample_span.h"

namespace puente {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using test::ExportTwo;
using test::HttpCollector;
using test::SampleResource;
using test::TestCertificates;
using testing::HasSubstr;

ExportResult ExportTwo(const OtlpSettings& settings) {
  OtlpHttpExporter exporter(settings, SampleResource());
  return ExportTwo(exporter);
}

class OtlpHttpExporterTlsTest : public testing::Test {
 protected:
  OtlpSettings SettingsOf(const HttpCollector& collector) const {
    OtlpSettings settings;
    settings.protocol = OtlpSettings::Protocol::kHttp;
    settings.url = {
        .tls = true, .host = "127.0.0.1", .port = collector.port(), .path = "/v1/traces"};
    settings.tls.ca = Read(certificates_.ca);
    return settings;
  }
  static std::string Read(const std::string& file) { return ReadFile(file).value_or(""); }

  TestCertificates certificates_;
  const HttpCollector::Script good_ = [](std::size_t) { return HttpCollector::Answer("200 OK"); };
};

TEST_F(OtlpHttpExporterTlsTest, TheServerIsVerified) {
  HttpCollector collector(good_, HttpCollector::Tls{certificates_.server, ""});
  const OtlpSettings good = SettingsOf(collector);
  OtlpSettings by_name = good;
  by_name.tls.server_name = "localhost";
  OtlpSettings other_ca = good;
  other_ca.tls.ca = Read(certificates_.other_authority.file());
  OtlpSettings system_ca = good;
  system_ca.tls.ca.clear();
  OtlpSettings other_name = good;
  other_name.tls.server_name = "collector.example";
  EXPECT_EQ(ExportTwo(good).error, "");
  EXPECT_EQ(collector.server_name(), "") << "an address is no server name";
  EXPECT_EQ(ExportTwo(by_name).error, "");
  EXPECT_EQ(collector.server_name(), "localhost");
  for (const OtlpSettings& settings : {other_ca, system_ca, other_name}) {
    const auto begin = Clock::now();
    EXPECT_THAT(ExportTwo(settings).error, HasSubstr("TLS: "));
    EXPECT_LT(Clock::now() - begin, 5s) << "that is not tried again";
  }
  EXPECT_EQ(collector.Requests().size(), 2u);
}

TEST_F(OtlpHttpExporterTlsTest, TheClientHasACertificate) {
  HttpCollector collector(good_,
                          HttpCollector::Tls{certificates_.server, certificates_.authority.file()});
  OtlpSettings with = SettingsOf(collector);
  with.timeout = 2s;
  OtlpSettings without = with;
  with.tls.certificate = Read(certificates_.client_with_dns.certificate);
  with.tls.private_key = Read(certificates_.client_with_dns.private_key);
  EXPECT_EQ(ExportTwo(with).error, "");
  EXPECT_EQ(ExportTwo(without).rejected, 2u);
  EXPECT_EQ(collector.Requests().size(), 1u);
}

TEST_F(OtlpHttpExporterTlsTest, AServerWithoutTlsFails) {
  HttpCollector collector(good_);
  OtlpSettings settings = SettingsOf(collector);
  settings.timeout = 500ms;
  EXPECT_EQ(ExportTwo(settings).rejected, 2u);
}

TEST_F(OtlpHttpExporterTlsTest, AConnectionThatWasKeptAndClosedIsReplaced) {
  HttpCollector collector(good_, HttpCollector::Tls{certificates_.server, ""});
  OtlpHttpExporter exporter(SettingsOf(collector), SampleResource());
  EXPECT_EQ(ExportTwo(exporter).error, "");
  collector.CloseConnections();
  EXPECT_EQ(ExportTwo(exporter).error, "");
  EXPECT_EQ(collector.ConnectionCount(), 2u);
}

}  // namespace
}  // namespace puente
