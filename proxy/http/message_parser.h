// What reading requests and reading responses have in common: Beast's HTTP/1.1 parser behind the
// framing gate.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/framing_gate.h"
#include "transcoder/error.h"
#include "transcoder/http_message.h"

namespace puente {

// Where the first head in `bytes` ends (one past its empty line); 0 when it is not complete yet.
// `from` is how many bytes an earlier call has already looked at.
std::size_t FindHttpHeadEnd(std::string_view bytes, std::size_t from);

// Parses one message: first its head, then its body piece by piece. Follows RFC 9112. Trailers are
// read and dropped. Used by one thread.
//
// After any error the connection can't be used any more: it is no longer known where the next
// message begins.
template <bool kIsRequest>
class MessageParser : protected boost::beast::http::basic_parser<kIsRequest> {
 public:
  // Consumes body bytes from the front of `bytes`, appends what they carry to `body`, and returns
  // how many were consumed; the rest is to be given again with more behind it. Errors: one of
  // MalformedHttp for broken chunks, and what CheckBodySize says.
  Result<std::size_t> ParseBody(std::string_view bytes, std::string& body);

  // How many bytes the body had so far.
  std::uint64_t body_bytes() const { return body_bytes_; }
  bool BodyComplete() const { return this->is_done(); }

 protected:
  using Parser = boost::beast::http::basic_parser<kIsRequest>;
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  // `max_header_bytes` bounds the trailers, and the chunk extensions of a body.
  MessageParser(std::size_t max_header_bytes, std::size_t max_headers);

  static Error Malformed(std::string_view message) {
    constexpr auto kSender = kIsRequest ? HttpSender::kClient : HttpSender::kUpstream;
    return MalformedHttp(kSender, message);
  }

  // Parses a complete head: passes its fields to OnHeader, and says what is wrong with them.
  std::optional<Error> ParseRawHead(std::string_view head);
  // What the Content-Length field among `headers`, which have been checked, says.
  static std::optional<std::uint64_t> ContentLengthOf(std::span<const HeaderView> headers);

  // A field of the head. An error ends the parsing.
  virtual std::optional<Error> OnHeader(HeaderView header) = 0;
  // What is said of more than `max_headers` fields.
  virtual Error TooManyHeaders() const = 0;
  // A chunk begins that makes the body at least this long. An error ends the parsing.
  virtual std::optional<Error> CheckBodySize(std::uint64_t) { return std::nullopt; }

 private:
  static Error FromBeast(const error_code& ec);
  static Error BadChunkExtension() { return Malformed("malformed chunk extension"); }

  void Stop(Error error, error_code& ec);
  bool AwaitsChunk() const { return this->chunked() && chunk_left_ == 0; }
  // What is wrong after put() took `used`, the front of what it was given.
  std::optional<Error> CheckPut(std::string_view used, const error_code& ec);
  std::size_t TakeBody(string_view body);

  void on_field_impl(boost::beast::http::field, string_view name, string_view value,
                     error_code& ec) final;
  void on_header_impl(error_code&) final { head_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) final {}
  std::size_t on_body_impl(string_view body, error_code&) final { return TakeBody(body); }
  void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& ec) final;
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body, error_code&) final;
  void on_finish_impl(error_code&) final {}

  const std::size_t max_header_bytes_;
  const std::size_t max_headers_;
  std::optional<Error> error_;  // set by a callback that stops the parser
  bool head_done_ = false;
  std::size_t fields_ = 0;
  std::size_t extension_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;  // parsed so far
  std::uint64_t chunk_left_ = 0;  // of the data of the chunk that is being parsed
  std::string* body_ = nullptr;   // only during ParseBody
};

extern template class MessageParser<true>;
extern template class MessageParser<false>;

}  // namespace puente
