// Envoy and grpc-gateway as processes of their own, on free ports, in front of a gRPC server. The
// programs are those that tests/compat/judge puts into a folder; PUENTE_COMPAT_PROGRAMS names it.
#pragma once

#include <cstdint>
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

// Whether protoc-gen-grpc-gateway makes code of this file of tests/compat.
bool GatewayGenerates(const std::string& proto);

}  // namespace puente::test
