// What a request gives to its call besides messages.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/call/request_context.h"
#include "transcoder/codec.h"
#include "transcoder/http_message.h"
#include "transcoder/metadata.h"

namespace puente {

// So far away that it is none, and still fits every clock.
inline constexpr auto kLongestTimeout = std::chrono::hours(24 * 365);

struct CallInput {
  std::vector<Header> metadata;
  BoundTarget target;
  std::optional<std::chrono::nanoseconds> client_timeout;  // grpc-timeout
};

// What the proxy itself tells the upstream of the request. Views into context and `trace`.
RequestOrigin OriginOf(const RequestContext& context, std::span<const Header> trace);

// Reads head and target of the request of `context`, whose route is known. Errors are 400, and 431
// where there is more metadata than the upstream takes.
Result<CallInput> ReadCallInput(RequestContext& context, std::span<const std::string> captures,
                                std::string_view query);

// The deadline that is `timeout` from now; nullopt for none. An error when it has passed.
Result<std::optional<std::chrono::system_clock::time_point>> DeadlineAfter(
    std::optional<std::chrono::nanoseconds> timeout);

}  // namespace puente
