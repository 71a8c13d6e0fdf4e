// Headers of requests and answers that go on as they came, to and from an HTTP upstream.
#pragma once

#include <span>
#include <vector>

#include "transcoder/error.h"
#include "transcoder/http_message.h"
#include "transcoder/metadata.h"

namespace puente {

// The fields of a request that an HTTP upstream gets, but for the framing of its body: the client's
// end-to-end fields as they came, `Host` among them, as views, and what the proxy adds, owned.
struct ForwardedHeaders {
  std::vector<HeaderView> passed_on;
  std::vector<Header> added;
};

// Left out: what is meant for this connection (RFC 9110, 7.6.1), Content-Length and Expect, what
// the proxy says itself (see OriginHeaders). Added: x-forwarded-*,
// x-request-id, x-client-identity, trace context. Errors (400) as those of MetadataFromHeaders.
// The views live as long as those of `headers`.
Result<ForwardedHeaders> ForwardRequestHeaders(std::span<const HeaderView> headers,
                                               const RequestOrigin& origin);

// The fields of an upstream's answer that its client gets: without what was meant for the
// connection to the upstream, Content-Length, and what begins with x-puente-.
std::vector<Header> ForwardAnswerHeaders(std::span<const HeaderView> headers);

}  // namespace puente
