// The headers of answers that come from an upstream.
#pragma once

#include <string>
#include <vector>

#include "proxy/upstream/grpc_call.h"
#include "transcoder/error.h"
#include "transcoder/http_message.h"
#include "transcoder/metadata.h"

namespace puente {

// Initial and trailing metadata of a call that has ended; the views live as long as the call.
std::vector<MetadataView> AllMetadata(const GrpcCall& call);

// What `metadata` becomes, and x-request-id, which is the request's own on every answer.
std::vector<Header> HeadersOf(const std::vector<MetadataView>& metadata,
                              const std::string& request_id);

// `error`, with what the upstream said beside it (Retry-After, WWW-Authenticate, …).
tl::unexpected<Error> FailedCall(Error error, const GrpcCall& call);

}  // namespace puente
