// Bytes to requests: Beast's HTTP/1.1 parser behind the framing gate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/message_parser.h"
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

  bool operator==(const RequestLimits&) const = default;
};

// Parses one request (see MessageParser). Bodies over the limit are 413.
class RequestParser final : public MessageParser<true> {
 public:
  // `head` is filled by ParseHead and must outlive the parser.
  RequestParser(RequestHead& head, const RequestLimits& limits);

  // See FindHttpHeadEnd.
  static std::size_t FindHeadEnd(std::string_view bytes, std::size_t from) {
    return FindHttpHeadEnd(bytes, from);
  }

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

 private:
  std::optional<Error> OnHeader(HeaderView header) override;
  Error TooManyHeaders() const override;
  std::optional<Error> CheckBodySize(std::uint64_t bytes) override;
  void on_request_impl(boost::beast::http::verb, string_view method, string_view target,
                       int version, error_code& ec) override;
  void on_response_impl(int, string_view, int, error_code&) override {}

  std::optional<Error> CheckHead();
  std::optional<Error> CheckExpectation();
  std::optional<Error> NormalizeTarget();
  void ReadFraming();

  RequestHead& head_;
  const RequestLimits& limits_;
  std::uint64_t max_body_bytes_;
};

}  // namespace puente
