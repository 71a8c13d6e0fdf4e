// The body of a request, with its Content-Encoding undone, as it comes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/exchange.h"
#include "proxy/http/gzip.h"
#include "transcoder/error.h"

namespace puente {

struct RequestBodyLimits {
  std::uint64_t max_bytes = 4194304;        // of a whole body, decoded
  std::uint64_t max_expansion_ratio = 100;  // of gzip
};

// What gzip makes of a whole body; 413 for what grows beyond the limits, 400 for what is not gzip.
Result<std::string> DecodeGzip(std::string_view encoded, const RequestBodyLimits& limits);

// One thread. `exchange` outlives it.
class RequestBody {
 public:
  // 415, with what is accepted, for a Content-Encoding other than gzip and identity.
  static Result<RequestBody> Open(Exchange& exchange, const RequestBodyLimits& limits);

  // Appends what has come since, at most some 64 KiB of it, and waits when there is nothing. False:
  // that was all. Errors as those of Exchange::ReadBodySome, whatever the size.
  Task<Result<bool>> ReadSome(std::string& body, std::chrono::nanoseconds patience);

 private:
  RequestBody(Exchange& exchange, const RequestBodyLimits& limits, bool is_gzip);

  Exchange* exchange_;
  std::optional<GzipDecoder> decoder_;
  std::string received_;     // still encoded
  std::size_t decoded_ = 0;  // of received_
  bool complete_ = false;    // there is nothing more to receive
};

}  // namespace puente
