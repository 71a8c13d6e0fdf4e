#include "tests/compat/compat_upstream.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>

#include <fstream>
#include <stdexcept>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace puente::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::TextFormat;

std::string DetailsOf(const UpstreamReply& reply) {
  if (reply.details.empty()) return {};
  google::rpc::ErrorInfo::descriptor();  // so that it is linked, and its text form understood
  google::rpc::Status status;
  if (!TextFormat::ParseFromString(reply.details, &status)) {
    throw std::invalid_argument("not a google.rpc.Status: " + reply.details);
  }
  status.set_code(reply.code);
  status.set_message(reply.message);
  return status.SerializeAsString();
}

}  // namespace

CompatApi::CompatApi() {
  std::ifstream input(PUENTE_COMPAT_DESCRIPTORS, std::ios::binary);
  google::protobuf::FileDescriptorSet files;
  if (!files.ParseFromIstream(&input)) throw std::runtime_error("no " PUENTE_COMPAT_DESCRIPTORS);
  for (const auto& file : files.file()) {
    if (pool_.BuildFile(file) == nullptr) throw std::runtime_error("cannot use " + file.name());
  }
}

const MethodDescriptor& CompatApi::MethodAt(const std::string& grpc_path) const {
  std::string name = grpc_path.substr(1);
  name[name.find('/')] = '.';
  const auto* method = pool_.FindMethodByName(name);
  if (method == nullptr) throw std::invalid_argument("no such method: " + grpc_path);
  return *method;
}

std::unique_ptr<Message> CompatApi::New(const Descriptor& type) {
  return std::unique_ptr<Message>(factory_.GetPrototype(&type)->New());
}

std::string CompatApi::ToWire(const Descriptor& type, const std::string& text) {
  auto message = New(type);
  if (!TextFormat::ParseFromString(text, message.get())) {
    throw std::invalid_argument(fmt::format("not a {}: {}", type.full_name(), text));
  }
  return message->SerializeAsString();
}

std::string CompatApi::ToText(const Descriptor& type, const std::string& wire) {
  auto message = New(type);
  if (!message->ParseFromString(wire)) return "not the wire form of " + type.full_name();
  return message->ShortDebugString();
}

CompatUpstream::CompatUpstream() {
  for (const char* name : {"Bookstore", "Catalogue", "Twins", "Lone", "ShelfImports", "Lookups"}) {
    const auto* service = api_.pool().FindServiceByName(fmt::format("compat.v1.{}", name));
    for (int i = 0; i < service->method_count(); ++i) Serve(*service->method(i));
  }
}

void CompatUpstream::Serve(const MethodDescriptor& method) {
  const std::string path = fmt::format("/{}/{}", method.service()->full_name(), method.name());
  server_.OnStream(path, [this, &method](UpstreamStream& stream) {
    const UpstreamReply reply = CurrentReply();
    while (stream.Read()) {
    }
    try {
      return Answer(method, reply, stream);
    } catch (const std::invalid_argument& error) {
      return grpc::Status(grpc::StatusCode::INTERNAL, error.what());
    }
  });
}

grpc::Status CompatUpstream::Answer(const MethodDescriptor& method, const UpstreamReply& reply,
                                    UpstreamStream& stream) {
  std::vector<std::string> messages;
  for (const auto& text : reply.messages) {
    messages.push_back(api_.ToWire(*method.output_type(), text));
  }
  if (messages.empty() && reply.code == 0 && !method.server_streaming()) messages = {""};
  for (const auto& [key, value] : reply.trailing) stream.AddTrailingMetadata(key, value);
  if (!reply.initial.empty()) stream.SendInitialMetadata(reply.initial);
  for (std::string& message : messages) stream.Write(std::move(message));
  return {static_cast<grpc::StatusCode>(reply.code), reply.message, DetailsOf(reply)};
}

UpstreamReply CompatUpstream::CurrentReply() {
  const std::lock_guard lock(mutex_);
  return reply_;
}

void CompatUpstream::SetReply(UpstreamReply reply) {
  const std::lock_guard lock(mutex_);
  reply_ = std::move(reply);
}

}  // namespace puente::test
