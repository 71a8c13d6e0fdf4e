#include "proxy/http/response.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <iterator>

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

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void AppendFraming(const ResponseHead& head, std::string& out) {
  if (head.framing == BodyFraming::kLength) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", head.content_length);
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
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", head.status,
                 ReasonPhrase(head.status));
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
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", data.size());
  out.append(data).append("\r\n");
}

}  // namespace puente
