#include "proxy/http/request_parser.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <charconv>

#include "proxy/http/framing_gate.h"

namespace puente {
namespace {

namespace http = boost::beast::http;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

Error BadRequest(std::string message) {
  return Error{Code::kInvalidArgument, std::move(message), 400, {}, {}};
}

Error TooLarge() {
  return Error{Code::kResourceExhausted, "the request body is larger than the limit", 413, {}, {}};
}

Error BadChunkExtension() { return BadRequest("malformed chunk extension"); }

Error FromBeast(const boost::beast::error_code& ec) {
  if (ec == http::error::bad_version) return BadRequest("not an HTTP/1.0 or HTTP/1.1 request");
  return BadRequest("malformed HTTP request: " + ec.message());
}

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The path and query of an absolute-form target whose authority is `host`; nullopt when it is not
// one.
std::optional<std::string_view> OriginForm(std::string_view target, std::string_view host) {
  const auto scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!EqualsIgnoreCase(scheme, "http") && !EqualsIgnoreCase(scheme, "https")) return std::nullopt;
  const std::string_view rest = target.substr(scheme_end + 3);
  const auto path = rest.find_first_of("/?");
  if (path == 0 || rest.empty()) return std::nullopt;
  if (!EqualsIgnoreCase(rest.substr(0, path), host)) return std::nullopt;
  return path == std::string_view::npos ? std::string_view() : rest.substr(path);
}

// Every chunked body that is not complete has at least this much to come: "0\r\n\r\n".
constexpr std::size_t kLastChunkSize = 5;

// Whether `bytes`, which begin at a chunk header that Beast calls incomplete, hold all of it: then
// a quoted string runs past the end of its line, and Beast would look for its end in what follows.
bool HoldsChunkHeader(std::string_view bytes) {
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  const auto zeros = std::min(bytes.find_first_not_of('0'), bytes.size());
  const bool last = zeros > 0 && zeros < bytes.size() && !IsHexDigit(bytes[zeros]);
  return bytes.find(last ? "\r\n\r\n" : "\r\n") != std::string_view::npos;
}

bool HasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

bool HasFoldedLine(std::string_view lines) {
  return lines.find("\r\n ") != std::string_view::npos ||
         lines.find("\r\n\t") != std::string_view::npos;
}

}  // namespace

RequestParser::RequestParser(RequestHead& head, const RequestLimits& limits)
    : head_(head), limits_(limits), max_body_bytes_(limits.max_body_bytes) {
  // The session bounds the head; Beast's limit is for the trailers, which it counts from zero
  // again.
  header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(
      limits.max_header_bytes + 1, std::numeric_limits<std::uint32_t>::max())));
  body_limit(boost::none);  // CheckDeclaredLength and on_chunk_header_impl see to it
}

std::size_t RequestParser::FindHeadEnd(std::string_view bytes, std::size_t from) {
  const auto end = bytes.find("\r\n\r\n", from < 3 ? 0 : from - 3);
  return end == std::string_view::npos ? 0 : end + 4;
}

std::optional<Error> RequestParser::CheckHeadSize(std::string_view bytes, std::size_t head_end,
                                                  const RequestLimits& limits) {
  const std::size_t limit = limits.max_header_bytes;
  if (head_end <= limit && (head_end > 0 || bytes.size() < limit)) return std::nullopt;
  if (bytes.substr(0, limit).find("\r\n") == std::string_view::npos) {
    return Error{Code::kInvalidArgument, "the request target is too long", 414, {}, {}};
  }
  return Error{Code::kInvalidArgument, "the request head is too large", 431, {}, {}};
}

std::optional<Error> RequestParser::ParseHead() {
  if (auto error = CheckRawHead(head_.raw)) return error;
  error_code ec;
  put(boost::asio::buffer(head_.raw), ec);
  if (error_) return error_;
  if (ec) return FromBeast(ec);
  return CheckHead();
}

std::optional<Error> RequestParser::CheckHead() {
  if (auto error = CheckFraming(head_.headers, head_.minor_version)) return error;
  ReadFraming();
  if (auto error = NormalizeTarget()) return error;
  return CheckExpectation();
}

std::optional<Error> RequestParser::CheckExpectation() {
  for (const HeaderView& header : head_.headers) {
    if (!EqualsIgnoreCase(header.name, "expect")) continue;
    if (!EqualsIgnoreCase(header.value, "100-continue")) {
      return Error{Code::kInvalidArgument, "unknown expectation in the Expect header", 417, {}, {}};
    }
    head_.expect_continue = head_.minor_version >= 1 && head_.HasBody();
  }
  return std::nullopt;
}

void RequestParser::ReadFraming() {
  head_.chunked = chunked();
  head_.keep_alive = keep_alive();
  if (const auto* length = FindHeader(head_.headers, "content-length")) {
    std::uint64_t value = 0;
    std::from_chars(length->data(), length->data() + length->size(), value);
    head_.content_length = value;
  }
  if (const auto* host = FindHeader(head_.headers, "host")) head_.host = *host;
}

std::optional<Error> RequestParser::NormalizeTarget() {
  // The handlers refuse CONNECT by its method; its target is an authority.
  if (head_.method == "CONNECT" || head_.target.starts_with('/')) return std::nullopt;
  if (head_.target == "*") {
    if (head_.method == "OPTIONS") return std::nullopt;
    return BadRequest("the request target \"*\" is for OPTIONS only");
  }
  const auto origin_form = OriginForm(head_.target, head_.host);
  if (!origin_form || origin_form->starts_with('?')) {
    return BadRequest(
        "the request target is neither a path nor a URL of the host in the Host header");
  }
  head_.target = origin_form->empty() ? std::string_view("/") : *origin_form;
  return std::nullopt;
}

std::optional<Error> RequestParser::CheckDeclaredLength() const {
  if (head_.content_length.value_or(0) > max_body_bytes_) return TooLarge();
  return std::nullopt;
}

Result<std::size_t> RequestParser::ParseBody(std::string_view bytes, std::string& body) {
  body_ = &body;
  std::size_t consumed = 0;
  while (!is_done() && consumed < bytes.size()) {
    error_code ec;
    const auto rest = bytes.substr(consumed);
    if (head_.chunked && chunk_left_ == 0 && rest.size() < kLastChunkSize) break;
    const std::size_t used = put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
    consumed += used;
    if (ec == http::error::need_more) {
      if (HoldsChunkHeader(bytes.substr(consumed))) return tl::unexpected(BadChunkExtension());
      break;
    }
    if (error_) return tl::unexpected(*error_);
    if (ec) return tl::unexpected(FromBeast(ec));
    if (used == 0) break;
    // Beast takes the last chunk and all trailers at once, and joins folded lines.
    if (head_.chunked && is_done() && HasFoldedLine(rest.substr(0, used))) {
      return tl::unexpected(BadRequest("a trailer line that begins with white space"));
    }
  }
  body_ = nullptr;
  return consumed;
}

void RequestParser::on_request_impl(http::verb, string_view method, string_view target, int version,
                                    error_code&) {
  head_.method = View(method);
  head_.target = View(target);
  head_.minor_version = version % 10;
}

void RequestParser::on_response_impl(int, string_view, int, error_code&) {}

void RequestParser::on_field_impl(http::field, string_view name, string_view value,
                                  error_code& ec) {
  if (++fields_ > limits_.max_headers) {
    error_ = Error{Code::kInvalidArgument, "too many header fields", 431, {}, {}};
    ec = http::error::header_limit;
    return;
  }
  if (head_done_) return;  // a trailer: it must not pass for a header that was checked
  if (limits_.underscores != UnderscoreHeaders::kAllow &&
      View(name).find('_') != std::string_view::npos) {
    if (limits_.underscores == UnderscoreHeaders::kDrop) return;
    error_ = BadRequest("a header name with an underscore");
    ec = http::error::bad_field;
    return;
  }
  head_.headers.push_back({View(name), View(value)});
}

void RequestParser::on_header_impl(error_code&) { head_done_ = true; }

std::size_t RequestParser::TakeBody(string_view body) {
  body_->append(body.data(), body.size());
  body_bytes_ += body.size();
  return body.size();
}

std::size_t RequestParser::on_body_impl(string_view body, error_code&) { return TakeBody(body); }

void RequestParser::on_chunk_header_impl(std::uint64_t size, string_view extensions,
                                         error_code& ec) {
  if (size > max_body_bytes_ - body_bytes_) {
    error_ = TooLarge();
    ec = http::error::body_limit;
    return;
  }
  // Extensions carry nothing for us, but bytes that no other limit counts.
  if (HasControlCharacter(extensions)) {
    error_ = BadChunkExtension();
    ec = http::error::bad_chunk_extension;
    return;
  }
  chunk_left_ = size;
  extension_bytes_ += extensions.size();
  if (extension_bytes_ > limits_.max_header_bytes) {
    error_ = BadRequest("too many chunk extensions");
    ec = http::error::bad_chunk_extension;
  }
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code&) {
  chunk_left_ -= body.size();
  return TakeBody(body);
}

}  // namespace puente
