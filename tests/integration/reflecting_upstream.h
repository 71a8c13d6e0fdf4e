// An upstream that describes itself by server reflection, in the words of the test.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <functional>
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

}  // namespace puente::test
