// The gRPC server that all products stand in front of.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <mutex>
#include <string>

#include "tests/compat/compat_case.h"
#include "tests/support/fake_upstream.h"

namespace puente::test {

// The API of the comparison, as its compiled descriptors have it. May be used from any thread.
class CompatApi {
 public:
  CompatApi();

  const google::protobuf::DescriptorPool& pool() const { return pool_; }
  // "/compat.v1.Bookstore/GetShelf"; throws std::invalid_argument for what there is not.
  const google::protobuf::MethodDescriptor& MethodAt(const std::string& grpc_path) const;
  // The wire form of a message of `type` given in text format, and back in one line. ToWire throws
  // std::invalid_argument for what is no such message.
  std::string ToWire(const google::protobuf::Descriptor& type, const std::string& text);
  std::string ToText(const google::protobuf::Descriptor& type, const std::string& wire);

 private:
  std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor& type);

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_{&pool_};
};

// Serves every method of the API; a reply that is none of the method's is an INTERNAL error. Throws
// std::runtime_error when it can't listen.
class CompatUpstream {
 public:
  CompatUpstream();

  CompatApi& api() { return api_; }
  FakeUpstream& server() { return server_; }
  // What calls are answered from now on.
  void SetReply(UpstreamReply reply);

 private:
  void Serve(const google::protobuf::MethodDescriptor& method);
  grpc::Status Answer(const google::protobuf::MethodDescriptor& method, const UpstreamReply& reply,
                      UpstreamStream& stream);
  UpstreamReply CurrentReply();

  CompatApi api_;
  std::mutex mutex_;
  UpstreamReply reply_;
  FakeUpstream server_;
};

}  // namespace puente::test
