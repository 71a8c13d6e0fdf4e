// The head of an HTTP/1.1 response, parsed in place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/http_message.h"

namespace puente {

// Views into `raw`, so it is pinned: reused from response to response, never copied or moved.
struct HttpResponseHead {
  HttpResponseHead() = default;
  HttpResponseHead(const HttpResponseHead&) = delete;
  HttpResponseHead& operator=(const HttpResponseHead&) = delete;

  std::string raw;  // the bytes as received, from the version to the empty line

  int status = 0;  // 100 to 599
  std::vector<HeaderView> headers;
  int minor_version = 1;  // of HTTP/1.x
  // What the headers say of the body. A response without one (to HEAD, 204, 304) may have both all
  // the same.
  std::optional<std::uint64_t> content_length;  // nullopt: none given
  bool chunked = false;
  bool has_body = false;  // false also for a length of 0
  // Whether another request may follow: the version, what the server says, and that the body does
  // not last until it closes.
  bool keep_alive = false;

  // As if nothing had been received; keeps the memory.
  void Clear() {
    raw.clear();
    status = 0;
    headers.clear();
    minor_version = 1;
    content_length.reset();
    chunked = has_body = keep_alive = false;
  }
};

}  // namespace puente
