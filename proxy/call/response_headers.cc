#include "proxy/call/response_headers.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace puente {
namespace {

// Headers that every answer has from the proxy.
bool IsOwn(const RequestContext& context, std::string_view name) {
  constexpr std::string_view kCors = "access-control-";
  return name == "x-request-id" ||
         (context.snapshot->cors().is_configured() && name.starts_with(kCors));
}

}  // namespace

std::vector<MetadataView> AllMetadata(const GrpcCall& call) {
  std::vector<MetadataView> metadata = call.InitialMetadata();
  std::ranges::copy(call.TrailingMetadata(), std::back_inserter(metadata));
  return metadata;
}

std::vector<Header> HeadersOf(const RequestContext& context,
                              const std::vector<MetadataView>& metadata) {
  std::vector<Header> headers;
  AppendHeadersFromMetadata(metadata, headers);
  std::erase_if(headers, [&](const Header& header) { return IsOwn(context, header.name); });
  return headers;
}

tl::unexpected<Error> FailedCall(const RequestContext& context, Error error, const GrpcCall& call) {
  for (Header& header : HeadersOf(context, AllMetadata(call))) {
    error.headers.emplace_back(std::move(header.name), std::move(header.value));
  }
  return tl::unexpected(std::move(error));
}

}  // namespace puente
