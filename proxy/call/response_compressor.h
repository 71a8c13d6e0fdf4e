// Content-Encoding of whole answers.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "proxy/http/gzip.h"
#include "proxy/http/response.h"
#include "transcoder/http_message.h"

namespace puente {

// One per worker, used on its thread only.
class ResponseCompressor {
 public:
  // Packs the body of `response` with gzip where a client with these request headers accepts that,
  // and it may become smaller: text and JSON from 256 bytes on.
  void Compress(std::span<const HeaderView> request_headers, Response& response);

 private:
  std::optional<GzipEncoder> encoder_;  // made when it is first needed: it is large
};

}  // namespace puente
