// The example services behind one gRPC port, with the health service (grpc.health.v1).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

namespace puente::examples {

// Not to be used by several threads at once.
class ExampleServer {
 public:
  // At `address` ("127.0.0.1:50051"; port 0: a free one). Does not listen before Start.
  explicit ExampleServer(std::string address = "127.0.0.1:0");
  // As Stop.
  ~ExampleServer();
  ExampleServer(const ExampleServer&) = delete;
  ExampleServer& operator=(const ExampleServer&) = delete;

  // Listens, on the port of the first start when it was stopped in between. What the services hold
  // is kept. The error names the address: its port is taken, or it is not "host:port".
  tl::expected<void, std::string> Start();
  // The port it listens on, or did last; 0 before the first Start.
  std::uint16_t port() const;
  // "127.0.0.1:50051": the host of the address and the port.
  std::string target() const;
  // Lets calls in flight go on for `grace`, then cancels them. Returns when all have ended.
  void Stop(std::chrono::milliseconds grace = std::chrono::milliseconds(0));

 private:
  struct Services;
  std::string host_;
  std::optional<std::uint16_t> port_;  // nullopt: the address has none
  std::unique_ptr<Services> services_;
};

}  // namespace puente::examples
