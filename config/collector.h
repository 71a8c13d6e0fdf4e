// What the configuration, or an OTEL_* variable, says of an OpenTelemetry collector.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "config/http_url.h"

namespace puente {

// The URL of a collector. Its port is 0 where none was given.
using CollectorUrl = HttpUrl;

// Reads "http://127.0.0.1:4317" or "https://collector.example/otlp", as SplitHttpUrl does. The
// error says what is expected, and does not repeat the text.
tl::expected<CollectorUrl, std::string> ParseCollectorUrl(std::string_view text);

// "http://[::1]:4317/v1/traces".
std::string ToString(const CollectorUrl& url);

// Why `name` and `value` can't be a header of exports, be it over HTTP or as metadata of gRPC,
// where a wrong one would end the process; nullopt: they can. Does not repeat the value.
std::optional<std::string> CheckExportHeader(std::string_view name, std::string_view value);

}  // namespace puente
