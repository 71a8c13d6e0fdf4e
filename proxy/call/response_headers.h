// The headers of answers that come from an upstream.
#pragma once

#include <string_view>
#include <vector>

#include "proxy/call/request_context.h"
#include "proxy/upstream/grpc_call.h"
#include "transcoder/error.h"
#include "transcoder/http_message.h"
#include "transcoder/metadata.h"

namespace puente {

// Initial and trailing metadata of a call that has ended; the views live as long as the call.
std::vector<MetadataView> AllMetadata(const GrpcCall& call);

// Headers that no answer has from the upstream: those that the proxy sets itself, and those that
// are between the two of them (x-puente-*, the split's override header). In any case.
bool IsOwnHeader(const RequestContext& context, std::string_view name);

// What `metadata` becomes, without the headers that every answer has from the proxy itself.
std::vector<Header> HeadersOf(const RequestContext& context,
                              const std::vector<MetadataView>& metadata);

// `error`, with what the upstream said beside it (Retry-After, WWW-Authenticate, …).
tl::unexpected<Error> FailedCall(const RequestContext& context, Error error, const GrpcCall& call);

}  // namespace puente
