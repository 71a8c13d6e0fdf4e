#include "proxy/call/response_headers.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace puente {

bool IsOwnHeader(const RequestContext& context, std::string_view name) {
  constexpr std::string_view kCors = "access-control-";
  constexpr std::string_view kOwn = "x-puente-";
  const bool is_override = context.policy != nullptr && !name.empty() &&
                           EqualsIgnoreCase(name, context.policy->override_header);
  return is_override || EqualsIgnoreCase(name, "x-request-id") ||
         EqualsIgnoreCase(name.substr(0, kOwn.size()), kOwn) ||
         (context.snapshot->cors().is_configured() &&
          EqualsIgnoreCase(name.substr(0, kCors.size()), kCors));
}

std::vector<MetadataView> AllMetadata(const GrpcCall& call) {
  std::vector<MetadataView> metadata = call.InitialMetadata();
  std::ranges::copy(call.TrailingMetadata(), std::back_inserter(metadata));
  return metadata;
}

std::vector<Header> HeadersOf(const RequestContext& context,
                              const std::vector<MetadataView>& metadata) {
  std::vector<Header> headers;
  AppendHeadersFromMetadata(metadata, headers);
  std::erase_if(headers, [&](const Header& header) { return IsOwnHeader(context, header.name); });
  return headers;
}

tl::unexpected<Error> FailedCall(const RequestContext& context, Error error, const GrpcCall& call) {
  for (Header& header : HeadersOf(context, AllMetadata(call))) {
    error.headers.emplace_back(std::move(header.name), std::move(header.value));
  }
  return tl::unexpected(std::move(error));
}

}  // namespace puente
