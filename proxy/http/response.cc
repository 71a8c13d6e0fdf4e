#include "proxy/http/response.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "transcoder/http_status.h"
#include "transcoder/text_buffer.h"

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
  unsigned char has = 0;
  for (const char c : text) has |= c == '\r' || c == '\n' || c == '\0' ? 1 : 0;
  return has != 0;
}

// What a field takes besides its name and its value.
constexpr std::size_t kFieldExtra = 4;
// The status line, and the fields that are Puente's own.
constexpr std::size_t kOwnFields = 160;

void AppendField(std::string_view name, std::string_view value, TextBuffer& out) {
  char* to = CopyText(name, out.Reserve(name.size() + value.size() + kFieldExtra));
  to = CopyText(value, CopyText(": ", to));
  out.End(CopyText("\r\n", to));
}

std::size_t SizeOf(const std::vector<Header>& headers) {
  std::size_t size = 0;
  for (const Header& header : headers) {
    size += header.name.size() + header.value.size() + kFieldExtra;
  }
  return size;
}

bool HasDate(const std::vector<Header>& headers) {
  return std::ranges::any_of(
      headers, [](const Header& header) { return EqualsIgnoreCase(header.name, "date"); });
}

void AppendFraming(const ResponseHead& head, TextBuffer& out) {
  if (head.framing == BodyFraming::kLength) {
    out.Append("Content-Length: ");
    out.AppendInteger(head.content_length);
    out.Append("\r\n");
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

void AppendHead(const ResponseHead& head, const std::vector<Header>& headers, std::string& bytes) {
  TextBuffer out(bytes, kOwnFields + head.content_type.size() + SizeOf(headers));
  out.Append("HTTP/1.1 ");
  out.AppendInteger(head.status);
  out.Append(' ');
  out.Append(ReasonPhrase(head.status));
  out.Append("\r\n");
  if (!HasDate(headers)) AppendField("Date", HttpDate(), out);
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
  out.Append("\r\n");
  out.Finish();
}

void AppendChunk(std::string_view data, std::string& bytes) {
  if (data.empty()) return;
  constexpr std::size_t kFraming = 80;  // the size, in any base, and two line ends
  TextBuffer out(bytes, data.size() + kFraming);
  out.AppendInteger(data.size(), 16);
  out.Append("\r\n");
  out.Append(data);
  out.Append("\r\n");
  out.Finish();
}

}  // namespace puente
