// What is special about header and metadata names. All of them take names in lower case.
#pragma once

#include <string_view>

namespace puente {

// Meant for this connection only (RFC 9110 section 7.6.1, and the names that HTTP/1.1 and HTTP/2
// used so).
bool IsHopByHop(std::string_view name);

// Says where a request came from: Forwarded (RFC 7239), X-Real-IP and X-Forwarded-*.
bool IsForwarded(std::string_view name);

// Names that a `Connection` header cannot take away: a client could otherwise hide who it is or
// where it comes from from the services behind the proxy.
bool IsKeptDespiteConnection(std::string_view name);

// x-puente-*: between clients and the proxy, and never beyond.
inline bool IsPuentesOwn(std::string_view name) { return name.starts_with("x-puente-"); }

// A key of gRPC metadata: [0-9a-z_.-]+ (gRPC over HTTP/2, "Requests").
bool IsMetadataKey(std::string_view name);

}  // namespace puente
