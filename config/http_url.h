// The URL of an HTTP server as the configuration has it.
#pragma once

#include <cstdint>
#include <optional>
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

// What "http://127.0.0.1:8080/v1/" says: the port is 0 where it has none, and the path as it
// stands. User names, queries and fragments are refused: a credential belongs into a header, where
// no log shows it.
std::optional<HttpUrl> SplitHttpUrl(std::string_view text);

// Reads "http://127.0.0.1:8080" or "https://billing.example/v1", as above. The error says what is
// expected, and does not repeat the text.
tl::expected<HttpUrl, std::string> ParseHttpUrl(std::string_view text);

// Whether `text` is a path as requests have it: from a slash on, printable ASCII, without query and
// fragment.
bool IsUrlPath(std::string_view text);

}  // namespace puente
