#include "proxy/http/response.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>

#include "transcoder/http_status.h"

namespace puente {
namespace {

// "Sat, 21 Nov 2026 10:00:00 GMT", made once a second and thread.
std::string_view HttpDate() {
  thread_local std::time_t made_at = 0;
  thread_local std::string date;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    made_at = now;
    date = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
  }
  return date;
}

bool HasLineBreak(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// What a field takes besides its name and its value.
constexpr std::size_t kFieldExtra = 4;
// The status line, and the fields that are Puente's own.
constexpr std::size_t kOwnFields = 160;

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void AppendNumber(std::uint64_t number, int base, std::string& out) {
  std::array<char, 24> digits;
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  out.append(digits.data(), end);
}

std::size_t SizeOf(const std::vector<Header>& headers) {
  std::size_t size = 0;
  for (const Header& header : headers) {
    size += header.name.size() + header.value.size() + kFieldExtra;
  }
  return size;
}

void AppendFraming(const ResponseHead& head, std::string& out) {
  if (head.framing == BodyFraming::kLength) {
    out.append("Content-Length: ");
    AppendNumber(head.content_length, 10, out);
    out.append("\r\n");
  } else if (head.framing == BodyFraming::kChunked) {
    AppendField("Transfer-Encoding", "chunked", out);
  }
}

}  // namespace

Response ErrorResponse(const Error& error, const ErrorBodyOptions& options) {
  Response response{error.HttpStatus(),
                    std::string(ErrorContentType(options.format)),
                    {},
                    PrintErrorBody(error, options)};
  bool challenged = false;
  for (const auto& [name, value] : error.headers) {
    const bool is_challenge = EqualsIgnoreCase(name, "www-authenticate");
    if (is_challenge && value.empty()) continue;
    challenged |= is_challenge;
    response.headers.push_back({name, value});
  }
  // RFC 9110, 15.5.2: a 401 says how to authenticate.
  if (response.status == 401 && !challenged)
    response.headers.push_back({"WWW-Authenticate", "Bearer"});
  return response;
}

void AppendHead(const ResponseHead& head, const std::vector<Header>& headers, std::string& out) {
  out.reserve(out.size() + kOwnFields + head.content_type.size() + SizeOf(headers));
  out.append("HTTP/1.1 ");
  AppendNumber(static_cast<std::uint64_t>(head.status), 10, out);
  out.append(" ").append(ReasonPhrase(head.status)).append("\r\n");
  AppendField("Date", HttpDate(), out);
  // A media type comes from an upstream, too.
  if (!head.content_type.empty() && IsPrintableAscii(head.content_type)) {
    AppendField("Content-Type", head.content_type, out);
  }
  for (const Header& header : headers) {
    if (!HasLineBreak(header.name) && !HasLineBreak(header.value))
      AppendField(header.name, header.value, out);
  }
  AppendFraming(head, out);
  if (!head.keep_alive) {
    AppendField("Connection", "close", out);
  } else if (head.minor_version == 0) {
    AppendField("Connection", "keep-alive", out);
  }
  out.append("\r\n");
}

void AppendChunk(std::string_view data, std::string& out) {
  if (data.empty()) return;
  AppendNumber(data.size(), 16, out);
  out.append("\r\n").append(data).append("\r\n");
}

}  // namespace puente
