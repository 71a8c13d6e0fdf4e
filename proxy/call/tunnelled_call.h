// A WebSocket to an HTTP upstream: the bytes of both sides, as they come.
#pragma once

#include <vector>

#include "proxy/call/request_context.h"
#include "proxy/upstream/http_call.h"
#include "transcoder/http_message.h"

namespace puente {

// What asks an upstream for a WebSocket, beside the headers that go on as they came.
std::vector<HeaderView> UpgradeHeaders();
// Whether the answer 101 of `head` begins a WebSocket.
bool BeginsWebSocket(const HttpResponseHead& head);

// Answers the request of `context` with the 101 that `call` has got, whose other headers are
// `headers`, and passes on what both sides say until one of them ends: each as fast as the other
// takes it. What is said before the end still arrives. Without a byte either way for
// limits.idle_timeout both are closed; pings keep them open. A drain ends both at its end.
//
// Nothing is looked into: the upstream decides about origins, protocols and extensions.
Task<> ServeTunnel(RequestContext& context, HttpCall& call, std::vector<Header> headers);

}  // namespace puente
