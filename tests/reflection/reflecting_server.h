// A grpc++ server with the reflection service that comes with grpc++.
//
// The library of that service gives it to every server of a process, so these tests have a program
// of their own.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace puente::test {

class ReflectingServer {
 public:
  // Serves `services`, their reflection and the health service at 127.0.0.1. `port` 0: a free one.
  // Throws std::runtime_error when it can't listen.
  explicit ReflectingServer(const std::vector<grpc::Service*>& services, std::uint16_t port = 0);
  // Cancels calls in flight.
  ~ReflectingServer();

  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace puente::test
