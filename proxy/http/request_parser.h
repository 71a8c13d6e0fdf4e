// Bytes to requests: Beast's HTTP/1.1 parser behind the framing gate.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/request_head.h"
#include "transcoder/error.h"

namespace puente {

// What to do with names like "x_user": some servers take them for "x-user".
enum class UnderscoreHeaders { kDrop, kAllow, kReject };

struct RequestLimits {
  std::size_t max_header_bytes = 16384;  // the whole head, request line included
  std::size_t max_headers = 100;
  std::uint64_t max_body_bytes = 4194304;
  UnderscoreHeaders underscores = UnderscoreHeaders::kDrop;
};

// Parses one request: first its head, then its body piece by piece. Follows RFC 9112. Trailers are
// read and dropped. Used by one thread.
//
// After any error the connection can't be used any more: it is no longer known where the next
// request begins.
class RequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  // `head` is filled by ParseHead and must outlive the parser.
  RequestParser(RequestHead& head, const RequestLimits& limits);

  // Where the first head in `bytes` ends (one past its empty line); 0 when it is not complete yet.
  // `from` is how many bytes an earlier call has already looked at.
  static std::size_t FindHeadEnd(std::string_view bytes, std::size_t from);

  // 414 or 431 when the head at the front of `bytes` is too large; `head_end` is where it ends, 0
  // while it is not complete.
  static std::optional<Error> CheckHeadSize(std::string_view bytes, std::size_t head_end,
                                            const RequestLimits& limits);

  // Parses head.raw, a complete head. Errors: 400 for what is not HTTP/1.1 or fails the gate, 417
  // for an expectation other than 100-continue, 431 for too many fields. The head is filled as far
  // as it was understood.
  std::optional<Error> ParseHead();

  // From here on the body may be of any size.
  void LiftBodyLimit() { max_body_bytes_ = std::numeric_limits<std::uint64_t>::max(); }
  // 413 for a declared length over the limit.
  std::optional<Error> CheckDeclaredLength() const;

  // Consumes body bytes from the front of `bytes`, appends what they carry to `body`, and returns
  // how many were consumed; the rest is to be given again with more behind it. Errors: 400 for
  // broken chunks, 413 for a body over the limit.
  Result<std::size_t> ParseBody(std::string_view bytes, std::string& body);

  // How many bytes the body had so far.
  std::uint64_t body_bytes() const { return body_bytes_; }
  bool BodyComplete() const { return is_done(); }

 private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, string_view method, string_view target,
                       int version, error_code& ec) override;
  void on_response_impl(int, string_view, int, error_code&) override;
  void on_field_impl(boost::beast::http::field, string_view name, string_view value,
                     error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override;
  void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body, error_code&) override;
  void on_finish_impl(error_code&) override {}

  std::optional<Error> CheckHead();
  std::optional<Error> CheckExpectation();
  std::optional<Error> NormalizeTarget();
  void ReadFraming();
  std::size_t TakeBody(string_view body);

  RequestHead& head_;
  const RequestLimits& limits_;
  std::optional<Error> error_;  // set by a callback that stops the parser
  bool head_done_ = false;
  std::size_t fields_ = 0;
  std::size_t extension_bytes_ = 0;
  std::uint64_t max_body_bytes_;
  std::uint64_t body_bytes_ = 0;  // parsed so far
  std::uint64_t chunk_left_ = 0;  // of the data of the chunk that is being parsed
  std::string* body_ = nullptr;   // only during ParseBody
};

}  // namespace puente
