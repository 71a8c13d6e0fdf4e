#include "proxy/upstream/grpc_upstream.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <limits>

#include "config/duration_text.h"
#include "proxy/client_tls_files.h"

namespace puente {
namespace {

// Status details come as metadata, and are easily larger than gRPC's default of 8 KiB; an answer
// with more than this ends all calls of the connection.
constexpr int kMaxAnswerMetadataBytes = 256 << 10;

constexpr int kReadAheadBytes = 256 * 1024;
// What HTTP/2 counts for an entry besides its name and value (RFC 9113 section 6.5.2).
constexpr std::size_t kMetadataEntryBytes = 32;
// What gRPC sends of its own accord: :authority, grpc-timeout, user-agent and so on.
constexpr std::size_t kOwnMetadataBytes = 640;

std::size_t MetadataBytes(std::span<const Header> metadata) {
  std::size_t bytes = kOwnMetadataBytes;
  for (const Header& entry : metadata) {
    const bool base64 = entry.name.ends_with("-bin");
    bytes += kMetadataEntryBytes + entry.name.size() +
             (base64 ? (entry.value.size() + 2) / 3 * 4 : entry.value.size());
  }
  return bytes;
}

int Milliseconds(const google::protobuf::Duration& duration) {
  return static_cast<int>(
      std::chrono::duration_cast<std::chrono::milliseconds>(ToChrono(duration)).count());
}

std::shared_ptr<grpc::ChannelCredentials> Credentials(const config::GrpcUpstream& grpc,
                                                      std::vector<Problem>& problems) {
  if (!grpc.has_tls()) return grpc::InsecureChannelCredentials();
  std::vector<Problem> found;
  const ClientTlsFiles files = ReadClientTlsFiles(grpc.tls(), found);
  for (Problem& problem : found) {
    problem.key = JoinKey("grpc.tls", problem.key);
    problems.push_back(std::move(problem));
  }
  return grpc::SslCredentials({.pem_root_certs = files.ca,
                               .pem_private_key = files.private_key,
                               .pem_cert_chain = files.certificate});
}

bool IsRoundRobin(const config::GrpcUpstream& grpc) {
  return grpc.load_balancing() == config::GrpcUpstream::LOAD_BALANCING_ROUND_ROBIN;
}

grpc::ChannelArguments Arguments(const config::GrpcUpstream& grpc) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(grpc.max_receive_message_bytes()));
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxAnswerMetadataBytes);
  arguments.SetLoadBalancingPolicyName(IsRoundRobin(grpc) ? "round_robin" : "pick_first");
  // An upstream that is back must be noticed soon: grpc's own back-off goes up to two minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // How much of a stream is read ahead of a client that does not take it. By itself gRPC measures
  // the connection and goes up to megabytes.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kReadAheadBytes);
  // Retries are Puente's own decision, and gRPC's service configs from DNS are nobody's here.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // Each lane has its own connections, which gRPC would otherwise share.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // By itself gRPC counts the calls of each channel, to drop one that is idle for half an hour.
  arguments.SetInt(GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS, std::numeric_limits<int>::max());
  // Counts every call for a service that is not there.
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  // Sidecar traffic is local: an HTTP proxy from the environment is not meant for it.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (grpc.has_keepalive()) {
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(grpc.keepalive().time()));
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(grpc.keepalive().timeout()));
  }
  if (!grpc.tls().server_name().empty()) {
    arguments.SetSslTargetNameOverride(grpc.tls().server_name());
  }
  return arguments;
}

HostAndPort ServerOf(const config::Upstream& upstream) {
  const config::GrpcUpstream& grpc = upstream.grpc();
  if (grpc.targets().empty()) return ServerOfTarget(grpc.target());
  if (grpc.targets_size() == 1) return ServerOfTarget(grpc.targets(0));
  return {upstream.name(), 0};
}

}  // namespace

Result<void> CheckMetadataSize(std::string_view path, std::span<const Header> metadata,
                               std::size_t max_bytes) {
  if (MetadataBytes(metadata) + path.size() <= max_bytes) return {};
  return Fail(Code::kInvalidArgument, "the headers are too large for the upstream", 431);
}

GrpcUpstream::GrpcUpstream(const config::Upstream& config)
    : name_(config.name()),
      server_(ServerOf(config)),
      round_robin_(IsRoundRobin(config.grpc())),
      max_send_message_bytes_(config.grpc().max_send_message_bytes()),
      max_receive_message_bytes_(config.grpc().max_receive_message_bytes()),
      max_metadata_bytes_(config.grpc().max_metadata_bytes()) {}

std::shared_ptr<GrpcUpstream> GrpcUpstream::Make(const config::Upstream& config, std::size_t lanes,
                                                 std::vector<Problem>& problems) {
  const config::GrpcUpstream& grpc = config.grpc();
  const std::size_t before = problems.size();
  const auto credentials = Credentials(grpc, problems);
  if (problems.size() > before) return nullptr;
  std::vector<std::string> targets(grpc.targets().begin(), grpc.targets().end());
  if (targets.empty()) targets.push_back(grpc.target());
  const auto make_endpoints = [&] {
    std::vector<Endpoint> endpoints;
    for (const std::string& target : targets) {
      auto channel = grpc::CreateCustomChannel(target, credentials, Arguments(grpc));
      auto stub = std::make_unique<grpc::GenericStub>(channel);
      endpoints.push_back({std::move(channel), std::move(stub)});
    }
    return endpoints;
  };
  std::shared_ptr<GrpcUpstream> upstream(new GrpcUpstream(config));
  for (std::size_t i = 0; i < lanes; ++i) upstream->lanes_.push_back(make_endpoints());
  upstream->probes_ = make_endpoints();
  return upstream;
}

Result<void> GrpcUpstream::CheckMetadata(std::string_view path,
                                         std::span<const Header> metadata) const {
  return CheckMetadataSize(path, metadata, max_metadata_bytes_);
}

Result<void> GrpcUpstream::CheckMessage(std::string_view message) const {
  if (message.size() <= max_send_message_bytes_) return {};
  return Fail(Code::kResourceExhausted, "the request is too large for the upstream", 413);
}

void GrpcUpstream::ReportUnavailable(const std::string& reason) {
  using std::chrono::duration_cast, std::chrono::seconds, std::chrono::steady_clock;
  const auto now = duration_cast<seconds>(steady_clock::now().time_since_epoch()).count();
  if (reported_at_.exchange(now, std::memory_order_relaxed) == now) return;
  spdlog::warn("upstream {} is not available: {}", name_, reason);
}

grpc::GenericStub& GrpcUpstream::NextStub(std::size_t lane) {
  const std::vector<Endpoint>& endpoints = lanes_[lane];
  const std::size_t count = endpoints.size();
  if (count == 1) return *endpoints[0].stub;
  const std::size_t first = round_robin_ ? next_.fetch_add(1, std::memory_order_relaxed) : 0;
  const Endpoint* possible = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    const Endpoint& endpoint = endpoints[(first + i) % count];
    const grpc_connectivity_state state = endpoint.channel->GetState(/*try_to_connect=*/true);
    if (state == GRPC_CHANNEL_READY) return *endpoint.stub;
    if (possible == nullptr && state != GRPC_CHANNEL_TRANSIENT_FAILURE) possible = &endpoint;
  }
  return *(possible != nullptr ? *possible : endpoints[first % count]).stub;
}

}  // namespace puente
