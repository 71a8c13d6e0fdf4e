#include "tests/integration/reflecting_upstream.h"

#include <fstream>
#include <stdexcept>
#include <utility>

#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

std::string FullName(const FileDescriptorProto& file, const std::string& service) {
  return file.package().empty() ? service : file.package() + "." + service;
}

bool Defines(const FileDescriptorProto& file, const std::string& symbol) {
  for (const auto& service : file.service()) {
    if (FullName(file, service.name()) == symbol) return true;
  }
  return false;
}

ReflectionResponse Listing(const FileDescriptorSet& set) {
  ReflectionResponse response;
  auto* list = response.mutable_list_services_response();
  for (const auto& file : set.file()) {
    for (const auto& service : file.service()) {
      list->add_service()->set_name(FullName(file, service.name()));
    }
  }
  return response;
}

ReflectionResponse FileOf(const FileDescriptorSet& set, const ReflectionRequest& request) {
  ReflectionResponse response;
  for (const auto& file : set.file()) {
    if (file.name() == request.file_by_filename() ||
        Defines(file, request.file_containing_symbol())) {
      response.mutable_file_descriptor_response()->add_file_descriptor_proto(
          file.SerializeAsString());
      return response;
    }
  }
  response.mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
  response.mutable_error_response()->set_error_message("it is not in the set");
  return response;
}

}  // namespace

FakeUpstream::StreamScript ReflectBy(ReflectionAnswer answer) {
  return [answer = std::move(answer)](UpstreamStream& stream) {
    while (const auto bytes = stream.Read()) {
      ReflectionRequest request;
      if (!request.ParseFromString(*bytes)) {
        return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no ServerReflectionRequest");
      }
      ReflectionResponse response = answer(request);
      *response.mutable_original_request() = request;
      if (!stream.Write(response)) break;
    }
    return grpc::Status::OK;
  };
}

ReflectionAnswer AnswersOf(FileDescriptorSet set) {
  return [set = std::move(set)](const ReflectionRequest& request) {
    return request.has_list_services() ? Listing(set) : FileOf(set, request);
  };
}

FileDescriptorSet ExampleSet(const std::vector<std::string>& contracts) {
  FileDescriptorSet all;
  for (const std::string& contract : contracts) {
    std::ifstream stream(ExampleDescriptors(contract), std::ios::binary);
    FileDescriptorSet set;
    if (!set.ParseFromIstream(&stream)) throw std::runtime_error("no descriptors: " + contract);
    all.MergeFrom(set);
  }
  return all;
}

}  // namespace puente::test
