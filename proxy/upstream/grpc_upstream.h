// A gRPC backend: its channels, and which of them a call takes.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "config/problem.h"
#include "config/puente.pb.h"

namespace puente {

// Thread-safe. Channels connect when they are first used, and again by themselves (within about a
// second) after the upstream was away.
class GrpcUpstream {
 public:
  // Reads the TLS files that `config` names; what can't be read is added to `problems` by the key
  // it belongs to, relative to the upstream ("grpc.tls.ca"). nullptr then.
  static std::shared_ptr<GrpcUpstream> Make(const config::Upstream& config,
                                            std::vector<Problem>& problems);

  const std::string& name() const { return name_; }

  // The stub for the next call: that of `target`, which balances by itself, or of one of `targets`,
  // leaving out those that are known not to be reachable while there is another.
  grpc::GenericStub& NextStub();

 private:
  struct Endpoint {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<grpc::GenericStub> stub;
  };

  GrpcUpstream(std::string name, bool round_robin)
      : name_(std::move(name)), round_robin_(round_robin) {}

  const std::string name_;
  const bool round_robin_;
  std::vector<Endpoint> endpoints_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace puente
