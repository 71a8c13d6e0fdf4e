// HTTP headers to gRPC metadata and back (design section 4, rule 11).
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/error.h"
#include "transcoder/http_message.h"

namespace puente {

// What the proxy itself knows of a request.
struct RequestOrigin {
  std::string_view peer_address;     // without the port; "" for a unix socket
  std::string_view scheme;           // "http" or "https"
  std::string_view host;             // the Host header
  std::string_view request_id;       // x-request-id, the client's own or one that was made
  std::string_view client_identity;  // the SAN of a verified client certificate; "" for none
  // Trace context in lower-case names, in place of the client's of the same propagation format
  // (traceparent and tracestate, b3 and x-b3-*); empty where the client's goes on as it came.
  std::span<const Header> trace;
  // A name, in lower case, that is for the proxy alone; "" for none.
  std::string_view hidden;
  bool trusted =
      false;  // the peer is one of trusted_proxies: its x-forwarded-* are kept and extended
};

// The metadata of the call: the end-to-end headers in lower case, in order, repeated ones repeated;
// "-bin" values decoded (grpc++ encodes them again), each element of a comma-separated list an
// entry of its own. Left out: hop-by-hop headers and what `Connection` names (save credentials,
// Host and forwarded names), Host, Content-*, Accept-Encoding, Expect, User-Agent (gRPC has its
// own: it goes on as x-forwarded-user-agent), every grpc-* name, x-client-identity, and names that
// are no metadata keys, what begins with x-puente-, and `hidden`. Of a peer that is not trusted
// also Forwarded, X-Real-IP and every X-Forwarded-*. Added: x-forwarded-for (the peer's address,
// after those a trusted peer sent), -proto and -host (unless a trusted peer sent them),
// x-request-id, x-client-identity, and the trace context; none with an empty value. Errors (400,
// naming the header): a value outside of printable ASCII, also of a header that is left out; a
// "-bin" value that is not base64; two Authorization fields. Takes linear time.
Result<std::vector<Header>> MetadataFromHeaders(std::span<const HeaderView> headers,
                                                const RequestOrigin& origin);

// The deadline that the client asks for with grpc-timeout ("100m": 1 to 8 digits and H, M, S, m, u
// or n), or nullopt when it asks for none. Error (400): the header is malformed or there twice.
Result<std::optional<std::chrono::nanoseconds>> ParseGrpcTimeout(
    std::span<const HeaderView> headers);

// A client's x-request-id is kept when it is 1 to 128 printable ASCII characters without spaces.
bool IsValidRequestId(std::string_view id);

// One entry of response metadata, as grpc++ hands it over ("-bin" values are raw bytes).
struct MetadataView {
  std::string_view key;
  std::string_view value;
};

// The headers that response metadata becomes, appended to `headers`: grpc-*, hop-by-hop and framing
// names are left out (content-length, content-type, transfer-encoding, …), "-bin" values are
// base64, values outside of printable ASCII are left out. x-http-code is not exposed: see
// HttpCodeOverride.
void AppendHeadersFromMetadata(std::span<const MetadataView> metadata,
                               std::vector<Header>& headers);

// The status that an x-http-code entry gives a successful reply, when it is a number from 200 to
// 599; otherwise nullopt.
std::optional<int> HttpCodeOverride(std::span<const MetadataView> metadata);

}  // namespace puente
