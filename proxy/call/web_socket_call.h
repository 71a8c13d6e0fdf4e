// The call that one WebSocket carries (design section 4, rule 5).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "proxy/call/attempt.h"
#include "proxy/call/request_context.h"
#include "transcoder/error.h"

namespace puente {

// Answers the handshake of `context`, which CheckWebSocketHandshake has found good and whose method
// and gRPC backend are known, and serves one call until one side has ended it. An error is one that
// comes before the WebSocket is open: it is to be answered in HTTP.
//
// Each text frame of the client is the JSON body of one request message, an empty one ends its
// messages; a method that takes one message takes it from the first frame, and at once when its
// route has no body. Each answer is a text frame. Where a google.api.HttpBody is bound, frames are
// its data, text or binary, and its answers are binary frames. In the end the WebSocket is closed
// with 1000, or with 4000 and the gRPC code, and its message as the reason, or with 1001 when the
// proxy ends before the call. A method that answers once answers when its call has ended well. A
// client that closes with 1000 has ended its messages when the answer does not stream; any other
// one has given up.
Task<Result<void>> ServeWebSocketCall(RequestContext& context, Attempt& attempt,
                                      std::span<const std::string> captures,
                                      std::string_view query);

}  // namespace puente
