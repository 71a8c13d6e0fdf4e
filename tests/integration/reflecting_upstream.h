// Upstreams that describe themselves by server reflection: a real grpc++ server, and one that says
// what the test says.
#pragma once

#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "grpc/reflection/v1/reflection.pb.h"
#include "tests/support/fake_upstream.h"

namespace puente::test {

inline constexpr char kReflectionV1[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
inline constexpr char kReflectionV1Alpha[] =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

using ReflectionRequest = grpc::reflection::v1::ServerReflectionRequest;
using ReflectionResponse = grpc::reflection::v1::ServerReflectionResponse;
using ReflectionAnswer = std::function<ReflectionResponse(const ReflectionRequest&)>;

// A script for FakeUpstream::OnStream that answers every request by `answer`.
FakeUpstream::StreamScript ReflectBy(ReflectionAnswer answer);

// Answers by the files of `set`, and gives each alone, without its imports.
ReflectionAnswer AnswersOf(google::protobuf::FileDescriptorSet set);

// The descriptors of one example API ("billing"), or of several.
google::protobuf::FileDescriptorSet ExampleSet(const std::vector<std::string>& contracts);

// Serves `services` and grpc++'s own reflection (v1alpha) and health service, at 127.0.0.1. `port`
// 0: a free one. Throws std::runtime_error when it can't listen.
class ReflectingServer {
 public:
  ReflectingServer(const std::vector<grpc::Service*>& services, std::uint16_t port = 0);
  ~ReflectingServer();

  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace puente::test
