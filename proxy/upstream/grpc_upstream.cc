#include "proxy/upstream/grpc_upstream.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <limits>
#include <optional>

#include "config/duration_text.h"
#include "proxy/client_tls_files.h"

namespace puente {
namespace {

using std::chrono::steady_clock;

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
    // By itself gRPC stops after two pings on a connection that sends nothing else: just where a
    // quiet stream would need them.
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
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

std::vector<std::string> TargetsOf(const config::GrpcUpstream& grpc) {
  if (grpc.targets().empty()) return {grpc.target()};
  return {grpc.targets().begin(), grpc.targets().end()};
}

std::unique_ptr<OutlierDetector> DetectorFor(const config::GrpcUpstream& grpc) {
  const bool wanted = grpc.has_outlier_detection() || grpc.has_health_check();
  if (grpc.targets_size() < 2 || !wanted) return nullptr;
  return std::make_unique<OutlierDetector>(
      static_cast<std::size_t>(grpc.targets_size()),
      grpc.has_outlier_detection() ? &grpc.outlier_detection() : nullptr);
}

// How good a place for a call a channel is; the best is the least. One that is not reachable is the
// last resort even where the others are out: they may still answer, it can't.
enum class Rank { kBest, kNotYet, kOut, kOutAndNotYet, kUnreachable, kOutAndUnreachable };

Rank RankOf(grpc_connectivity_state state, bool usable) {
  if (state == GRPC_CHANNEL_READY) return usable ? Rank::kBest : Rank::kOut;
  if (state == GRPC_CHANNEL_TRANSIENT_FAILURE) {
    return usable ? Rank::kUnreachable : Rank::kOutAndUnreachable;
  }
  return usable ? Rank::kNotYet : Rank::kOutAndNotYet;
}

}  // namespace

Result<void> CheckMetadataSize(std::string_view path, std::span<const Header> metadata,
                               std::size_t max_bytes) {
  if (MetadataBytes(metadata) + path.size() <= max_bytes) return {};
  return Fail(Code::kInvalidArgument, "the headers are too large for the upstream", 431);
}

GrpcUpstream::GrpcUpstream(const config::Upstream& config)
    : name_(config.name()),
      targets_(TargetsOf(config.grpc())),
      server_(ServerOf(config)),
      round_robin_(IsRoundRobin(config.grpc())),
      max_send_message_bytes_(config.grpc().max_send_message_bytes()),
      max_receive_message_bytes_(config.grpc().max_receive_message_bytes()),
      max_metadata_bytes_(config.grpc().max_metadata_bytes()),
      health_checked_(config.grpc().has_health_check()),
      detector_(DetectorFor(config.grpc())) {}

std::shared_ptr<GrpcUpstream> GrpcUpstream::Make(const config::Upstream& config, std::size_t lanes,
                                                 std::vector<Problem>& problems) {
  const config::GrpcUpstream& grpc = config.grpc();
  const std::size_t before = problems.size();
  const auto credentials = Credentials(grpc, problems);
  if (problems.size() > before) return nullptr;
  std::shared_ptr<GrpcUpstream> upstream(new GrpcUpstream(config));
  const auto make_endpoints = [&] {
    std::vector<Endpoint> endpoints;
    for (const std::string& target : upstream->targets_) {
      auto channel = grpc::CreateCustomChannel(target, credentials, Arguments(grpc));
      auto stub = std::make_unique<grpc::GenericStub>(channel);
      endpoints.push_back({std::move(channel), std::move(stub)});
    }
    return endpoints;
  };
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

// After the first of a turn come the others, and these in turns of their own, so that one that is
// out leaves its calls to all of them and not to its neighbour alone.
std::size_t GrpcUpstream::InOrder(std::size_t turn, std::size_t place) const {
  const std::size_t count = targets_.size();
  if (place == 0) return turn % count;
  return (turn + 1 + (turn / count + place - 1) % (count - 1)) % count;
}

GrpcUpstream::Choice GrpcUpstream::Choose(std::size_t lane) {
  const std::vector<Endpoint>& endpoints = lanes_[lane];
  if (endpoints.size() == 1) return {*endpoints[0].stub, 0};
  const std::size_t turn = round_robin_ ? next_.fetch_add(1, std::memory_order_relaxed) : 0;
  const auto now = detector_ ? steady_clock::now() : steady_clock::time_point();
  std::size_t best = InOrder(turn, 0);
  std::optional<Rank> best_rank;
  for (std::size_t place = 0; place < endpoints.size() && best_rank != Rank::kBest; ++place) {
    const std::size_t target = InOrder(turn, place);
    const auto state = endpoints[target].channel->GetState(/*try_to_connect=*/true);
    const Rank rank = RankOf(state, !detector_ || detector_->IsUsable(target, now));
    if (best_rank && rank >= *best_rank) continue;
    best = target;
    best_rank = rank;
  }
  return {*endpoints[best].stub, best};
}

void GrpcUpstream::Report(std::size_t target, Outcome outcome) {
  if (!detector_) return;
  const auto ejection = detector_->Report(target, outcome, steady_clock::now());
  if (!ejection) return;
  spdlog::warn("upstream {}: {} gets no calls for {}, after {} failures in a row", name_,
               targets_[target], FormatDuration(ejection->lasting), ejection->failures);
}

void GrpcUpstream::NoteHealth(std::size_t target, bool healthy) {
  if (detector_ && health_checked_) detector_->SetHealthy(target, healthy);
}

}  // namespace puente
