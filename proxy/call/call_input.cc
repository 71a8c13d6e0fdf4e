#include "proxy/call/call_input.h"

#include <algorithm>
#include <utility>

#include "transcoder/metadata.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

}  // namespace

RequestOrigin OriginOf(const RequestContext& context, std::span<const Header> trace) {
  const ClientInfo& client = context.exchange.client();
  return {.peer_address = client.address,
          .scheme = client.tls ? "https" : "http",
          .host = context.exchange.head().host,
          .request_id = context.id,
          .client_identity = client.identity,
          .trace = trace,
          .hidden = context.policy->override_header,
          .trusted = context.snapshot->trusted_proxies().Contains(client.address)};
}

Result<CallInput> ReadCallInput(RequestContext& context, std::span<const std::string> captures,
                                std::string_view query) {
  const RequestHead& head = context.exchange.head();
  const std::vector<Header> trace = context.trace.BeginCall();
  auto metadata = MetadataFromHeaders(head.headers, OriginOf(context, trace));
  if (!metadata) return tl::unexpected(metadata.error());
  const auto client_timeout = ParseGrpcTimeout(head.headers);
  if (!client_timeout) return tl::unexpected(client_timeout.error());
  const auto fits = context.backend->grpc->CheckMetadata(context.route->grpc_path, *metadata);
  if (!fits) return tl::unexpected(fits.error());
  auto target =
      context.served->codec->Bind({.captures = captures, .query = query}, context.dropped);
  if (!target) return tl::unexpected(target.error());
  context.preparation = std::chrono::steady_clock::now() - context.started;
  return CallInput{*std::move(metadata), *std::move(target), *client_timeout};
}

Result<std::optional<system_clock::time_point>> DeadlineAfter(std::optional<nanoseconds> timeout) {
  if (!timeout) return std::nullopt;
  if (*timeout <= nanoseconds(0)) {
    return Fail(Code::kDeadlineExceeded, "the deadline has passed before the call");
  }
  return system_clock::now() + std::chrono::duration_cast<system_clock::duration>(
                                   std::min<nanoseconds>(*timeout, kLongestTimeout));
}

}  // namespace puente
