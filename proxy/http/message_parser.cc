#include "proxy/http/message_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <charconv>
#include <limits>

namespace puente {
namespace {

namespace http = boost::beast::http;

// Every chunked body that is not complete has at least this much to come: "0\r\n\r\n".
constexpr std::size_t kLastChunkSize = 5;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

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

std::uint32_t HeaderLimit(std::size_t bytes) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(bytes + 1, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

std::size_t FindHttpHeadEnd(std::string_view bytes, std::size_t from) {
  const auto end = bytes.find("\r\n\r\n", from < 3 ? 0 : from - 3);
  return end == std::string_view::npos ? 0 : end + 4;
}

template <bool kIsRequest>
MessageParser<kIsRequest>::MessageParser(std::size_t max_header_bytes, std::size_t max_headers)
    : max_header_bytes_(max_header_bytes), max_headers_(max_headers) {
  // Who reads the head bounds it; Beast's limit is for the trailers, which it counts from zero
  // again. The body is bounded by CheckBodySize.
  this->header_limit(HeaderLimit(max_header_bytes));
  this->body_limit(boost::none);
}

template <bool kIsRequest>
Error MessageParser<kIsRequest>::FromBeast(const error_code& ec) {
  constexpr auto kKind = kIsRequest ? "request" : "response";
  if (ec == http::error::bad_version) {
    return Malformed(fmt::format("not an HTTP/1.0 or HTTP/1.1 {}", kKind));
  }
  return Malformed(fmt::format("malformed HTTP {}: {}", kKind, ec.message()));
}

template <bool kIsRequest>
std::optional<Error> MessageParser<kIsRequest>::ParseRawHead(std::string_view head) {
  constexpr auto kSender = kIsRequest ? HttpSender::kClient : HttpSender::kUpstream;
  if (auto error = CheckRawHead(head, kSender)) return error;
  error_code ec;
  this->put(boost::asio::const_buffer(head.data(), head.size()), ec);
  if (error_) return error_;
  if (ec) return FromBeast(ec);
  return std::nullopt;
}

template <bool kIsRequest>
std::optional<std::uint64_t> MessageParser<kIsRequest>::ContentLengthOf(
    std::span<const HeaderView> headers) {
  const std::string_view* length = FindHeader(headers, "content-length");
  if (length == nullptr) return std::nullopt;
  std::uint64_t value = 0;
  std::from_chars(length->data(), length->data() + length->size(), value);
  return value;
}

template <bool kIsRequest>
Result<std::size_t> MessageParser<kIsRequest>::ParseBody(std::string_view bytes,
                                                         std::string& body) {
  body_ = &body;
  std::size_t consumed = 0;
  while (!this->is_done() && consumed < bytes.size()) {
    const auto rest = bytes.substr(consumed);
    if (AwaitsChunk() && rest.size() < kLastChunkSize) break;
    error_code ec;
    const std::size_t used = this->put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
    consumed += used;
    if (ec == http::error::need_more) {
      if (HoldsChunkHeader(bytes.substr(consumed))) return tl::unexpected(BadChunkExtension());
      break;
    }
    if (auto error = CheckPut(rest.substr(0, used), ec)) return tl::unexpected(*std::move(error));
    if (used == 0) break;
  }
  body_ = nullptr;
  return consumed;
}

template <bool kIsRequest>
std::optional<Error> MessageParser<kIsRequest>::CheckPut(std::string_view used,
                                                         const error_code& ec) {
  if (error_) return error_;
  if (ec) return FromBeast(ec);
  // Beast takes the last chunk and all trailers at once, and joins folded lines.
  if (this->chunked() && this->is_done() && HasFoldedLine(used)) {
    return Malformed("a trailer line that begins with white space");
  }
  return std::nullopt;
}

template <bool kIsRequest>
void MessageParser<kIsRequest>::Stop(Error error, error_code& ec) {
  error_ = std::move(error);
  ec = http::error::bad_field;  // any that is one
}

template <bool kIsRequest>
void MessageParser<kIsRequest>::on_field_impl(http::field, string_view name, string_view value,
                                              error_code& ec) {
  if (++fields_ > max_headers_) return Stop(TooManyHeaders(), ec);
  if (head_done_) return;  // a trailer: it must not pass for a header that was checked
  if (auto error = OnHeader({View(name), View(value)})) Stop(*std::move(error), ec);
}

template <bool kIsRequest>
std::size_t MessageParser<kIsRequest>::TakeBody(string_view body) {
  body_->append(body.data(), body.size());
  body_bytes_ += body.size();
  return body.size();
}

template <bool kIsRequest>
void MessageParser<kIsRequest>::on_chunk_header_impl(std::uint64_t size, string_view extensions,
                                                     error_code& ec) {
  if (size > std::numeric_limits<std::uint64_t>::max() - body_bytes_) {
    return Stop(Malformed("a body that is too long to count"), ec);
  }
  if (auto error = CheckBodySize(body_bytes_ + size)) return Stop(*std::move(error), ec);
  // Extensions carry nothing for us, but bytes that no other limit counts.
  if (HasControlCharacter(View(extensions))) return Stop(BadChunkExtension(), ec);
  chunk_left_ = size;
  extension_bytes_ += extensions.size();
  if (extension_bytes_ > max_header_bytes_) Stop(Malformed("too many chunk extensions"), ec);
}

template <bool kIsRequest>
std::size_t MessageParser<kIsRequest>::on_chunk_body_impl(std::uint64_t, string_view body,
                                                          error_code&) {
  chunk_left_ -= body.size();
  return TakeBody(body);
}

template class MessageParser<true>;
template class MessageParser<false>;

}  // namespace puente
