#include "proxy/call/response_headers.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace puente {
namespace {

std::vector<Header> WithoutRequestId(const std::vector<MetadataView>& metadata) {
  std::vector<Header> headers;
  AppendHeadersFromMetadata(metadata, headers);
  std::erase_if(headers, [](const Header& header) { return header.name == "x-request-id"; });
  return headers;
}

}  // namespace

std::vector<MetadataView> AllMetadata(const GrpcCall& call) {
  std::vector<MetadataView> metadata = call.InitialMetadata();
  std::ranges::copy(call.TrailingMetadata(), std::back_inserter(metadata));
  return metadata;
}

std::vector<Header> HeadersOf(const std::vector<MetadataView>& metadata,
                              const std::string& request_id) {
  std::vector<Header> headers = WithoutRequestId(metadata);
  headers.push_back({"x-request-id", request_id});
  return headers;
}

tl::unexpected<Error> FailedCall(Error error, const GrpcCall& call) {
  for (Header& header : WithoutRequestId(AllMetadata(call))) {
    error.headers.emplace_back(std::move(header.name), std::move(header.value));
  }
  return tl::unexpected(std::move(error));
}

}  // namespace puente
