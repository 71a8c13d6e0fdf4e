// The gRPC server of a FakeUpstream, from one start to one stop.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "tests/support/upstream_call.h"

namespace puente::test {

class UpstreamServer {
 public:
  // Listens. Throws std::runtime_error when the port is taken.
  UpstreamServer(const UpstreamOptions& options, std::shared_ptr<UpstreamState> state);
  // Cancels the calls in flight, and waits for their scripts.
  ~UpstreamServer();

  std::uint16_t port() const { return port_; }

 private:
  class Acceptor final : public CompletionTag {
   public:
    Acceptor(UpstreamServer& server, std::shared_ptr<UpstreamCall> call)
        : server_(server), call_(std::move(call)) {}
    void Complete(bool ok) override;
    void Request();

   private:
    UpstreamServer& server_;
    std::shared_ptr<UpstreamCall> call_;
  };

  void Accept();
  void RunOnOwnThread(std::shared_ptr<UpstreamCall> call);
  void Leave();
  void Poll();

  std::shared_ptr<UpstreamState> state_;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::uint16_t port_ = 0;
  std::thread poller_;

  std::mutex mutex_;
  std::condition_variable idle_;
  int busy_ = 0;  // scripts that run, and calls whose end is not known
  bool stopping_ = false;
};

}  // namespace puente::test
