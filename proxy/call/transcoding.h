// Messages of a call to and from what the client sends and gets, measured on the way.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "proxy/call/request_context.h"
#include "transcoder/codec.h"
#include "transcoder/error.h"

namespace puente {

// The message of `body`, within the limits of the upstream (413). What it took is counted as the
// request's transcoding, of the first message with what came before (RequestContext::preparation).
Result<std::string> EncodeMessage(RequestContext& context, const BoundTarget& target,
                                  const BodyInput& body);

// The same for a message of a stream, counted from 1; errors name it.
Result<std::string> EncodeNumberedMessage(RequestContext& context, const BoundTarget& target,
                                          const BodyInput& body, std::size_t number);

// What the client gets of `message`; see RouteCodec::DecodeResponse. What it took is counted as the
// answer's transcoding.
Result<void> DecodeMessage(RequestContext& context, std::string_view message, Payload& payload);

}  // namespace puente
