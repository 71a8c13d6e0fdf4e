// What the configuration, or an OTEL_* variable, says of an OpenTelemetry collector.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace puente {

// The URL of a collector.
struct CollectorUrl {
  bool tls = false;        // https
  std::string host;        // "127.0.0.1", "::1", "collector.example"
  std::uint16_t port = 0;  // 0: none was given
  std::string path;        // "/v1/traces"; "" or begins with '/'

  bool operator==(const CollectorUrl&) const = default;
};

// Reads "http://127.0.0.1:4317" or "https://collector.example/otlp". User names, queries and
// fragments are refused: a credential belongs into a header, where no log shows it. The error says
// what is expected, and does not repeat the text.
tl::expected<CollectorUrl, std::string> ParseCollectorUrl(std::string_view text);

// "http://[::1]:4317/v1/traces".
std::string ToString(const CollectorUrl& url);

// Why `name` and `value` can't be a header of exports, be it over HTTP or as metadata of gRPC,
// where a wrong one would end the process; nullopt: they can. Does not repeat the value.
std::optional<std::string> CheckExportHeader(std::string_view name, std::string_view value);

}  // namespace puente
