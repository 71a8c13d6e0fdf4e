#include "proxy/upstream/http_request_head.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace puente {
namespace {

using Framing = HttpRequestHead::Framing;

// A head has as many lines as it has fields, the request line and the empty one.
constexpr std::ptrdiff_t kOtherLines = 2;

template <class Number>
void AppendNumber(std::string& text, Number number, int base) {
  constexpr std::size_t kMostDigits = 20;
  char digits[kMostDigits];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number, base).ptr;
  text.append(std::begin(digits), end);
}

void AppendFraming(std::string& output, const HttpRequestHead& head) {
  if (head.framing == Framing::kLength) {
    output.append("Content-Length: ");
    AppendNumber(output, head.content_length, 10);
    output.append("\r\n");
  } else if (head.framing == Framing::kChunked) {
    output.append("Transfer-Encoding: chunked\r\n");
  }
}

}  // namespace

Result<void> PrintRequestHead(const HttpRequestHead& head, std::string& output) {
  output.assign(head.method).append(" ").append(head.base_path).append(head.target);
  output.append(" HTTP/1.1\r\n");
  for (const HeaderView& header : head.headers) {
    output.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  AppendFraming(output, head);
  output.append("\r\n");
  // A line more than there should be would be a header, or a request, of somebody else's making.
  const auto lines =
      std::ssize(head.headers) + kOtherLines + (head.framing == Framing::kNone ? 0 : 1);
  const bool good =
      std::ranges::count(output, '\n') == lines && std::ranges::count(output, '\r') == lines;
  if (!good) return Fail(Code::kInternal, "a header that can't be sent to the upstream");
  return {};
}

}  // namespace puente
