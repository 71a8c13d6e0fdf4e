// What asks for a WebSocket, and whether it may have one (RFC 6455, 4.2.1).
#pragma once

#include "proxy/http/request_head.h"
#include "transcoder/error.h"

namespace puente {

// Whether the client wants to speak WebSocket from here on: a GET of HTTP/1.1 whose Upgrade names
// "websocket" and whose Connection names "upgrade". Anything else that asks for an upgrade is a
// request like any other.
bool IsWebSocketUpgrade(const RequestHead& head);

// Whether a request for which IsWebSocketUpgrade holds can be accepted. Errors: 426, with the
// version that is spoken here, for another one than 13; 400 for a key that is missing, given twice
// or not 16 bytes in base64, for more than one version, and for a body.
Result<void> CheckWebSocketHandshake(const RequestHead& head);

}  // namespace puente
