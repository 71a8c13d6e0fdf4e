// The URL of an HTTP server as the configuration has it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace puente {

struct HttpUrl {
  bool tls = false;        // https
  std::string host;        // "127.0.0.1", "::1", "billing"
  std::uint16_t port = 0;  // 80 or 443 where the URL has none
  std::string path;        // "/v1"; without a slash at its end, so that "" is the root

  bool operator==(const HttpUrl&) const = default;
};

// Reads "http://127.0.0.1:8080" or "https://billing.example/v1". User names, queries and fragments
// are refused. The error says what is expected, and does not repeat the text.
tl::expected<HttpUrl, std::string> ParseHttpUrl(std::string_view text);

// Whether `text` is a path as requests have it: from a slash on, printable ASCII, without query and
// fragment.
bool IsUrlPath(std::string_view text);

}  // namespace puente
