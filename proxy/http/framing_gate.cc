#include "proxy/http/framing_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace puente {
namespace {

Error BadRequest(std::string message) {
  return Error{Code::kInvalidArgument, std::move(message), 400, {}, {}};
}

std::string_view KindOf(HttpSender sender) {
  return sender == HttpSender::kClient ? "request" : "response";
}

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// unreserved, sub-delims, ':' and the brackets of IPv6, and percent escapes (RFC 3986, 3.2.2).
bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~!$&'()*+;=%").find(c) != std::string_view::npos;
}

bool IsValidPort(std::string_view port) {
  std::uint16_t number = 0;
  return port.empty() ||
         (IsDigits(port) && port.size() <= 5 &&
          std::from_chars(port.data(), port.data() + port.size(), number).ec == std::errc());
}

bool IsIpv6Character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
         c == '.';
}

bool IsValidIpv6Host(std::string_view host) {
  const auto close = host.find(']');
  if (close == std::string_view::npos || close < 3) return false;
  const std::string_view address = host.substr(1, close - 1);
  const std::string_view rest = host.substr(close + 1);
  return std::all_of(address.begin(), address.end(), IsIpv6Character) &&
         (rest.empty() || (rest.front() == ':' && IsValidPort(rest.substr(1))));
}

std::optional<Error> CheckTransferEncoding(int fields, std::string_view value, bool has_length,
                                           int minor_version, HttpSender sender) {
  if (fields == 0) return std::nullopt;
  if (minor_version == 0) {
    return MalformedHttp(sender,
                         fmt::format("Transfer-Encoding in an HTTP/1.0 {}", KindOf(sender)));
  }
  if (fields > 1 || !EqualsIgnoreCase(value, "chunked")) {
    return MalformedHttp(sender, "Transfer-Encoding must be exactly \"chunked\"");
  }
  if (has_length) return MalformedHttp(sender, "both Transfer-Encoding and Content-Length");
  return std::nullopt;
}

std::optional<Error> CheckContentLength(int fields, std::string_view value, HttpSender sender) {
  if (fields > 1) return MalformedHttp(sender, "more than one Content-Length header");
  if (fields == 1 && !IsDigits(value)) {
    return MalformedHttp(sender, "Content-Length is not a number");
  }
  return std::nullopt;
}

std::optional<Error> CheckHost(int fields, std::string_view value, int minor_version) {
  if (fields == 0 && minor_version >= 1) return BadRequest("the Host header is missing");
  if (fields > 1) return BadRequest("more than one Host header");
  if (!IsValidHost(value)) return BadRequest("the Host header is not a host and port");
  return std::nullopt;
}

// Lines that end with CR LF and have no control character, tabs included: what nearly all heads
// are.
bool IsPlainLines(std::string_view head) {
  while (!head.empty()) {
    const auto line_feed = head.find('\n');
    if (line_feed == 0 || line_feed == std::string_view::npos) return false;
    if (head[line_feed - 1] != '\r' || HasControls(head.substr(0, line_feed - 1))) return false;
    head.remove_prefix(line_feed + 1);
  }
  return true;
}

}  // namespace

Error MalformedHttp(HttpSender sender, std::string_view message) {
  if (sender == HttpSender::kClient) return BadRequest(std::string(message));
  return Error{
      Code::kInternal, fmt::format("the upstream's answer is malformed: {}", message), 502, {}, {}};
}

bool IsValidHost(std::string_view host) {
  if (host.empty()) return true;
  if (host.front() == '[') return IsValidIpv6Host(host);
  const auto colon = host.find(':');
  const std::string_view name = host.substr(0, colon);
  if (name.empty() || !std::all_of(name.begin(), name.end(), IsHostCharacter)) return false;
  return colon == std::string_view::npos || IsValidPort(host.substr(colon + 1));
}

std::optional<Error> CheckHeadBytes(std::string_view head, std::size_t from, HttpSender sender) {
  for (std::size_t i = from; i < head.size(); ++i) {
    const bool after_cr = i > 0 && head[i - 1] == '\r';
    if (after_cr != (head[i] == '\n')) {
      return MalformedHttp(
          sender, fmt::format("a bare {} in the {} head", after_cr ? "CR" : "LF", KindOf(sender)));
    }
    const auto byte = static_cast<unsigned char>(head[i]);
    if ((byte < 0x20 && head[i] != '\r' && head[i] != '\n' && head[i] != '\t') || byte == 0x7f) {
      return MalformedHttp(sender,
                           fmt::format("a control character in the {} head", KindOf(sender)));
    }
  }
  return std::nullopt;
}

std::optional<Error> CheckRawHead(std::string_view head, HttpSender sender) {
  const auto start_line = head.substr(0, head.find("\r\n"));
  if (!IsPrintableAscii(start_line)) {
    const auto line = sender == HttpSender::kClient ? "request line" : "status line";
    return MalformedHttp(sender, fmt::format("a byte outside of printable ASCII in the {}", line));
  }
  if (!IsPlainLines(head)) {
    if (auto error = CheckHeadBytes(head, 0, sender)) return error;
  }
  if (head.ends_with('\r')) {
    return MalformedHttp(sender, fmt::format("a bare CR in the {} head", KindOf(sender)));
  }
  if (head.find("\r\n ") != std::string_view::npos ||
      head.find("\r\n\t") != std::string_view::npos) {
    return MalformedHttp(sender, "a header line that begins with white space");
  }
  return std::nullopt;
}

std::optional<Error> CheckFraming(std::span<const HeaderView> headers, int minor_version,
                                  HttpSender sender) {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  std::string_view host;
  std::string_view length;
  std::string_view coding;
  for (const HeaderView& header : headers) {
    if (EqualsIgnoreCase(header.name, "host")) {
      ++hosts;
      host = header.value;
    } else if (EqualsIgnoreCase(header.name, "content-length")) {
      ++lengths;
      length = header.value;
    } else if (EqualsIgnoreCase(header.name, "transfer-encoding")) {
      ++codings;
      coding = header.value;
    }
  }
  if (auto error = CheckTransferEncoding(codings, coding, lengths > 0, minor_version, sender)) {
    return error;
  }
  if (auto error = CheckContentLength(lengths, length, sender)) return error;
  if (sender == HttpSender::kUpstream) return std::nullopt;
  return CheckHost(hosts, host, minor_version);
}

}  // namespace puente
