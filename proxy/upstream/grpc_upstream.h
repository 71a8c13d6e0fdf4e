// A gRPC backend: its channels, and which of them a call takes.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/address.h"
#include "config/problem.h"
#include "config/puente.pb.h"
#include "proxy/traffic/outlier_detector.h"
#include "proxy/upstream/unavailable_log.h"
#include "transcoder/error.h"
#include "transcoder/http_message.h"

namespace puente {

// 431 when metadata that goes with a call of `path` is larger than `max_bytes`, counted as HTTP/2
// counts it.
Result<void> CheckMetadataSize(std::string_view path, std::span<const Header> metadata,
                               std::size_t max_bytes);

// Thread-safe. Channels connect when they are first used, not before, and again by themselves
// (within about a second) after the upstream was away.
class GrpcUpstream {
 public:
  // With a connection of its own for each of `lanes` workers, which then share no lock and no
  // thread. Reads the TLS files that `config` names; what can't be read is added to `problems` by
  // the key it belongs to, relative to the upstream ("grpc.tls.ca"). nullptr then.
  static std::shared_ptr<GrpcUpstream> Make(const config::Upstream& config, std::size_t lanes,
                                            std::vector<Problem>& problems);

  const std::string& name() const { return name_; }
  // Where it is; of several targets the upstream's name stands for all.
  const HostAndPort& server() const { return server_; }

  // The largest answer that a call takes.
  std::size_t max_receive_message_bytes() const { return max_receive_message_bytes_; }
  // Whether a call, and each of its messages, stays within the upstream's limits. Errors: 431, 413.
  Result<void> CheckMetadata(std::string_view path, std::span<const Header> metadata) const;
  Result<void> CheckMessage(std::string_view message) const;

  // Where a call goes.
  struct Choice {
    grpc::GenericStub& stub;
    std::size_t target;  // for Report
  };
  // For the next call of a lane: `target`, which balances by itself, or one of `targets`, in turn
  // or (PICK_FIRST) the first. Those that are connected go before those that are not yet, and these
  // before those that are known not to be reachable. What outlier detection or health checks have
  // put out gets no calls, unless all that is left is not reachable.
  Choice Choose(std::size_t lane);
  // For a call that nothing is reported of.
  grpc::GenericStub& NextStub(std::size_t lane) { return Choose(lane).stub; }

  // What became of a call to this target. Costs nothing where there is only one.
  void Report(std::size_t target, Outcome outcome);
  // What a health check says. Without effect unless there are several targets and a `health_check`.
  void NoteHealth(std::size_t target, bool healthy);

  // How many targets it has, and the stub for asking one of them by itself how it is: on a
  // connection of its own, that no call of a lane uses.
  std::size_t target_count() const { return probes_.size(); }
  grpc::GenericStub& ProbeStub(std::size_t target) { return *probes_[target].stub; }

  // Writes to the log why a call did not reach the upstream, at most once a second.
  void ReportUnavailable(std::string_view reason) { unavailable_log_.Report(name_, reason); }

 private:
  struct Endpoint {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<grpc::GenericStub> stub;
  };

  explicit GrpcUpstream(const config::Upstream& config);
  // The `turn`-th order of the targets, which begins with each of them in turn.
  std::size_t InOrder(std::size_t turn, std::size_t place) const;

  const std::string name_;
  const std::vector<std::string> targets_;
  const HostAndPort server_;
  const bool round_robin_;
  const std::size_t max_send_message_bytes_;
  const std::size_t max_receive_message_bytes_;
  const std::size_t max_metadata_bytes_;
  const bool health_checked_;
  // nullptr: all targets are always used.
  const std::unique_ptr<OutlierDetector> detector_;
  std::vector<std::vector<Endpoint>> lanes_;  // each with all endpoints
  std::vector<Endpoint> probes_;              // one for each target
  std::atomic<std::size_t> next_{0};
  UnavailableLog unavailable_log_;
};

}  // namespace puente
