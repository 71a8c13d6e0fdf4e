// The head of a request that is to be explained, read as the proxy reads it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "config/puente.pb.h"
#include "proxy/http/request_head.h"
#include "transcoder/error.h"

namespace puente {

// Writes and parses the head of an HTTP/1.1 request into `head`: with a Host header, and a
// Content-Length for a body of `body_size` bytes, where there are none yet. The error is what the
// proxy would refuse the request with; `head` is not to be used then. No text has a CR or LF.
std::optional<Error> ReadHead(const config::Config& config, std::string_view http_method,
                              std::string_view target, std::span<const HeaderView> headers,
                              std::size_t body_size, RequestHead& head);

}  // namespace puente
