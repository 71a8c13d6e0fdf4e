// Envoy and grpc-gateway as processes of their own, on free ports, in front of a gRPC server. The
// programs are those that tests/compat/judge makes; PUENTE_COMPAT_OUT names their folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace puente::test {

// Of envoy.yaml, for one service ("Bookstore"). Throws std::runtime_error when Envoy does not start
// with it.
class EnvoyUnderTest {
 public:
  EnvoyUnderTest(const std::string& service, std::uint16_t upstream_port);
  std::uint16_t port() const { return port_; }

 private:
  TempDir dir_;
  ChildProcess process_;
  std::uint16_t port_ = 0;
};

// Of gateway/main.go. Serves compat.proto. Throws std::runtime_error when it does not start.
class GatewayUnderTest {
 public:
  explicit GatewayUnderTest(std::uint16_t upstream_port);
  std::uint16_t port() const { return port_; }

 private:
  ChildProcess process_;
  std::uint16_t port_ = 0;
};

// Why protoc-gen-grpc-gateway makes no code of NAME.proto, in a file of its own; nullopt: it does.
std::optional<std::string> GatewayRefusal(const std::string& name);

}  // namespace puente::test
