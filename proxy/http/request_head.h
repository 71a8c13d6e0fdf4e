// The head of an HTTP/1.1 request, parsed in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/http_message.h"

namespace puente {

// Views into `raw`, so it is pinned: reused from request to request, never copied or moved.
struct RequestHead {
  RequestHead() = default;
  RequestHead(const RequestHead&) = delete;
  RequestHead& operator=(const RequestHead&) = delete;

  std::string raw;  // the bytes as received, from the method to the empty line

  std::string_view method;
  std::string_view
      target;  // origin-form ("/a?b"), or "*"; absolute-form is reduced to its path and query
  std::string_view host;  // "" when an HTTP/1.0 client sent none
  std::vector<HeaderView> headers;
  int minor_version = 1;                        // of HTTP/1.x
  std::optional<std::uint64_t> content_length;  // nullopt: none given
  bool chunked = false;
  bool keep_alive = true;        // what the client asks for, and its version's default
  bool expect_continue = false;  // it waits for "100 Continue" before it sends the body

  // As if nothing had been received; keeps the memory.
  void Clear() {
    raw.clear();
    method = target = host = {};
    headers.clear();
    minor_version = 1;
    content_length.reset();
    chunked = expect_continue = false;
    keep_alive = true;
  }

  bool HasBody() const { return chunked || content_length.value_or(0) > 0; }
};

}  // namespace puente
