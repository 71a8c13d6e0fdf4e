// The example services behind one gRPC port, with the health service (grpc.health.v1), and, where
// it is wanted, the REST service that billing had before, behind another.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "examples/services/service_faults.h"

namespace puente::examples {

// Not to be used by several threads at once.
class ExampleServer {
 public:
  // At `address` ("127.0.0.1:50051"; port 0: a free one). Does not listen before Start.
  // `legacy_address` is LegacyBilling's, which then shares its invoices with the gRPC service;
  // empty: there is none.
  explicit ExampleServer(std::string address = "127.0.0.1:0", std::string legacy_address = "");
  // As Stop and StopLegacy.
  ~ExampleServer();
  ExampleServer(const ExampleServer&) = delete;
  ExampleServer& operator=(const ExampleServer&) = delete;

  // Listens, on the ports of the first start when it was stopped in between. What the services hold
  // is kept. The error names the address: its port is taken, or it is not "host:port".
  tl::expected<void, std::string> Start();
  // The port it listens on, or did last; 0 before the first Start.
  std::uint16_t port() const;
  // "127.0.0.1:50051": the host of the address and the port.
  std::string target() const;
  // "http://127.0.0.1:9000"; empty without a legacy service, and before the first Start.
  std::string legacy_url() const;
  // Of the gRPC billing service and of the legacy one. Any thread.
  ServiceFaults& billing_faults();
  ServiceFaults& legacy_faults();
  // Lets gRPC calls in flight go on for `grace`, then cancels them. Returns when all have ended.
  // The legacy service goes on until StopLegacy, which cuts its connections.
  void Stop(std::chrono::milliseconds grace = std::chrono::milliseconds(0));
  void StopLegacy();

 private:
  struct Services;
  tl::expected<void, std::string> StartLegacy();

  std::string host_;
  std::optional<std::uint16_t> port_;  // nullopt: the address has none
  std::string legacy_address_;         // with the port, once it is known
  std::unique_ptr<Services> services_;
};

}  // namespace puente::examples
