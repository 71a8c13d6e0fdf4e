#include "proxy/telemetry/tracing/otlp_settings.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <map>

#include "config/ascii.h"
#include "proxy/telemetry/tracing/otel_environment.h"
#include "proxy/telemetry/tracing/otlp_tls.h"

namespace puente {
namespace {

using Protocol = OtlpSettings::Protocol;

constexpr std::string_view kTracesPath = "/v1/traces";
constexpr std::uint16_t kGrpcPort = 4317;
constexpr std::uint16_t kHttpPort = 4318;
constexpr std::string_view kTracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

Protocol ProtocolOf(const config::Tracing& tracing, const OtelEnvironment& otel) {
  if (tracing.has_otlp_protocol()) {
    const bool http = tracing.otlp_protocol() == config::Tracing::OTLP_PROTOCOL_HTTP;
    return http ? Protocol::kHttp : Protocol::kGrpc;
  }
  const auto variable =
      otel.FindName({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"});
  if (!variable || variable->value == "grpc") return Protocol::kGrpc;
  if (variable->value == "http/protobuf") return Protocol::kHttp;
  const bool json = variable->value == "http/json";
  WarnOfVariable(variable->name,
                 json ? "http/json is not supported" : "expected `grpc` or `http/protobuf`",
                 json ? "http/protobuf is used" : "grpc is used");
  return json ? Protocol::kHttp : Protocol::kGrpc;
}

// `url` with what it leaves to the protocol. `is_base`: the path of the signal belongs behind it.
CollectorUrl Complete(CollectorUrl url, Protocol protocol, bool is_base) {
  if (url.port == 0) url.port = url.tls ? 443 : 80;
  if (protocol == Protocol::kGrpc) {
    url.path.clear();
    return url;
  }
  if (is_base && !url.path.ends_with(kTracesPath)) {
    while (url.path.ends_with('/')) url.path.pop_back();
    url.path += kTracesPath;
  }
  if (url.path.empty()) url.path = "/";
  return url;
}

CollectorUrl UrlOf(const config::Tracing& tracing, const OtelEnvironment& otel, Protocol protocol) {
  if (tracing.has_otlp_endpoint()) {
    if (auto url = ParseCollectorUrl(tracing.otlp_endpoint())) {
      return Complete(*std::move(url), protocol, /*is_base=*/true);
    }
  }
  const std::uint16_t port = protocol == Protocol::kGrpc ? kGrpcPort : kHttpPort;
  CollectorUrl local = Complete({.host = "127.0.0.1", .port = port}, protocol, /*is_base=*/true);
  if (tracing.has_otlp_endpoint()) return local;
  for (const std::string_view name :
       {kTracesEndpoint, std::string_view("OTEL_EXPORTER_OTLP_ENDPOINT")}) {
    const auto variable = otel.Find({name});
    if (!variable) continue;
    auto url = ParseCollectorUrl(variable->value);
    if (url) return Complete(*std::move(url), protocol, name != kTracesEndpoint);
    WarnOfVariable(name, url.error(), "it is passed over");
  }
  return local;
}

void AddHeader(const std::string& name, const std::string& value, std::vector<Header>& headers) {
  std::string lower = ToLowerAscii(name);
  for (Header& header : headers) {
    if (header.name == lower) {
      header.value = value;
      return;
    }
  }
  headers.push_back({std::move(lower), value});
}

std::vector<Header> HeadersOf(const config::Tracing& tracing, const OtelEnvironment& otel) {
  std::vector<Header> headers;
  for (const auto& [name, value] : std::map<std::string, std::string>(
           tracing.otlp_headers().begin(), tracing.otlp_headers().end())) {
    if (!CheckExportHeader(name, value)) AddHeader(name, value, headers);
  }
  if (tracing.otlp_headers_size() > 0) return headers;
  const auto variable =
      otel.Find({"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"});
  if (!variable) return headers;
  const auto pairs = ParsePairs(variable->value);
  if (!pairs) {
    WarnOfVariable(variable->name, "expected pairs such as `key=value,key=value`, percent-encoded",
                   "none of them is used");
    return headers;
  }
  for (const auto& [name, value] : *pairs) {
    if (const auto wrong = CheckExportHeader(name, value)) {
      WarnOfVariable(variable->name, *wrong, "that header is passed over");
    } else {
      AddHeader(name, value, headers);
    }
  }
  return headers;
}

bool WantsGzip(const OtelEnvironment& otel) {
  const auto variable =
      otel.FindName({"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"});
  if (!variable || variable->value == "none") return false;
  if (variable->value == "gzip") return true;
  WarnOfVariable(variable->name, "expected `gzip` or `none`", "nothing is compressed");
  return false;
}

}  // namespace

std::optional<OtlpSettings> MakeOtlpSettings(const config::Tracing& tracing,
                                             const Environment& environment,
                                             std::vector<Problem>& problems) {
  const OtelEnvironment otel(environment);
  OtlpSettings settings;
  settings.protocol = ProtocolOf(tracing, otel);
  settings.url = UrlOf(tracing, otel, settings.protocol);
  settings.headers = HeadersOf(tracing, otel);
  settings.timeout = otel.Milliseconds(
      {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"}, settings.timeout);
  settings.gzip = WantsGzip(otel);
  if (tracing.has_otlp_tls()) {
    std::vector<Problem> found;
    settings.tls = ReadClientTlsFiles(tracing.otlp_tls(), found);
    for (Problem& problem : found) {
      problem.key = JoinKey("telemetry.tracing.otlp_tls", problem.key);
      problems.push_back(std::move(problem));
    }
    if (!found.empty()) return std::nullopt;
    if (!settings.url.tls) {
      spdlog::warn("telemetry.tracing.otlp_tls has no effect: the collector's URL is not https");
    }
  } else if (settings.url.tls) {
    settings.tls = OtlpTlsFrom(environment);
  }
  return settings;
}

}  // namespace puente
