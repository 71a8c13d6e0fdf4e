// Bytes to responses: what an upstream answers, as strictly as requests are read.
#pragma once

#include <optional>

#include "proxy/http/message_parser.h"
#include "proxy/http/response_head.h"

namespace puente {

struct ResponseLimits {
  std::size_t max_header_bytes = 65536;  // the whole head, status line included
  std::size_t max_headers = 200;
};

// All errors are 502.
class ResponseParser final : public MessageParser<false> {
 public:
  // `head` is filled by ParseHead and, like `limits`, must outlive the parser. `to_head`: the
  // request was a HEAD, so that the response has no body whatever its headers say.
  ResponseParser(HttpResponseHead& head, const ResponseLimits& limits, bool to_head);

  // Looks at what may be the beginning of a head: an error when it can't become a good one, be it
  // that it is too large. `seen` of `bytes` were looked at before; `head_end` is where the head
  // ends in them, 0 while it does not.
  static std::optional<Error> CheckBegun(std::string_view bytes, std::size_t seen,
                                         std::size_t head_end, const ResponseLimits& limits);

  // Parses head.raw, a complete head.
  std::optional<Error> ParseHead();

  // Says that the server has closed, in order. An error when the body was not complete: only one
  // without a length lasts until then.
  std::optional<Error> EndOfStream();

 private:
  std::optional<Error> OnHeader(HeaderView header) override;
  Error TooManyHeaders() const override;
  void on_request_impl(boost::beast::http::verb, string_view, string_view, int,
                       error_code&) override {}
  void on_response_impl(int status, string_view reason, int version, error_code&) override;

  std::optional<Error> CheckStatus() const;
  void ReadFraming();

  HttpResponseHead& head_;
};

}  // namespace puente
