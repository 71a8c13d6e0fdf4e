#include "tests/rules/rules_fixture.h"

#include <fmt/format.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>

#include <stdexcept>
#include <vector>

#include "rules.pb.h"

namespace puente::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

std::unique_ptr<RulesFixture>& Shared() {
  static std::unique_ptr<RulesFixture> fixture;
  return fixture;
}

// Servers and clients of gRPC must be gone before static objects are.
class EndWithTheTests : public testing::Environment {
  void TearDown() override { RulesFixture::End(); }
};
const testing::Environment* const kEnd = testing::AddGlobalTestEnvironment(new EndWithTheTests);

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

std::unique_ptr<Message> FromText(const Descriptor& type, const std::string& text) {
  auto message = NewMessage(type);
  if (!google::protobuf::TextFormat::ParseFromString(text, message.get())) {
    throw std::invalid_argument(fmt::format("not a {}: {}", type.full_name(), text));
  }
  return message;
}

// What goes back where a case does not say it.
std::vector<std::string> EchoOf(const MethodDescriptor& method, std::vector<std::string> requests) {
  if (method.input_type() != method.output_type() || requests.empty()) return {""};
  if (!method.server_streaming()) return {requests.back()};
  return requests;
}

std::string ConfigText(const std::string& target, const std::string& codec,
                       const ProxySetup& setup) {
  return fmt::format(
      "listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
      "admin: {{address: \"127.0.0.1:0\"}}\n"
      "workers: 1\n"
      "descriptors: {{files: [\"{}\"]}}\n"
      "upstreams: [{{name: rules, grpc: {{target: \"{}\"}}}}]\n"
      "transcoding: {{codec: {}{}{}}}\n"
      "{}\n",
      PUENTE_RULES_DESCRIPTORS, target, codec, setup.transcoding.empty() ? "" : ", ",
      setup.transcoding, setup.more);
}

}  // namespace

RulesFixture& RulesFixture::Get() {
  if (!Shared()) Shared() = std::make_unique<RulesFixture>();
  return *Shared();
}

void RulesFixture::End() { Shared().reset(); }

RulesFixture::RulesFixture() {
  const auto& file = *rules::v1::Thing::descriptor()->file();
  for (int i = 0; i < file.service_count(); ++i) {
    for (int j = 0; j < file.service(i)->method_count(); ++j) Serve(*file.service(i)->method(j));
  }
}

void RulesFixture::Serve(const MethodDescriptor& method) {
  const std::string path = fmt::format("/{}/{}", method.service()->full_name(), method.name());
  upstream_.OnStream(path, [this, &method](UpstreamStream& stream) {
    const Reply reply = CurrentReply();
    std::vector<std::string> requests;
    while (auto request = stream.Read()) requests.push_back(*std::move(request));
    for (const auto& [key, value] : reply.trailing) stream.AddTrailingMetadata(key, value);
    if (!reply.initial.empty()) stream.SendInitialMetadata(reply.initial);
    std::vector<std::string> answers;
    if (!reply.messages) answers = EchoOf(method, std::move(requests));
    for (const std::string& text : reply.messages.value_or(std::vector<std::string>())) {
      answers.push_back(ToWire(*method.output_type(), text));
    }
    answers.insert(answers.end(), reply.bytes.begin(), reply.bytes.end());
    for (std::string& answer : answers) stream.Write(std::move(answer));
    return grpc::Status(static_cast<grpc::StatusCode>(reply.code), reply.message, reply.details);
  });
}

Reply RulesFixture::CurrentReply() {
  const std::lock_guard lock(mutex_);
  return reply_;
}

void RulesFixture::SetReply(Reply reply) {
  const std::lock_guard lock(mutex_);
  reply_ = std::move(reply);
}

ProxyUnderTest& RulesFixture::Proxy(const std::string& codec, const ProxySetup& setup) {
  auto& proxy = proxies_[{codec, setup}];
  if (!proxy) {
    proxy = std::make_unique<ProxyUnderTest>(
        ProxyUnderTest::FromConfig(ConfigText(upstream_.target(), codec, setup)));
  }
  return *proxy;
}

const MethodDescriptor& MethodAt(const std::string& grpc_path) {
  std::string name = grpc_path.substr(1);
  name[name.find('/')] = '.';
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  if (method == nullptr) throw std::invalid_argument("no such method: " + grpc_path);
  return *method;
}

std::string ToWire(const Descriptor& type, const std::string& text) {
  return FromText(type, text)->SerializeAsString();
}

std::string ToText(const Descriptor& type, const std::string& wire) {
  auto message = NewMessage(type);
  if (!message->ParseFromString(wire)) return "not the wire form of " + type.full_name();
  return message->ShortDebugString();
}

std::string Normalized(const Descriptor& type, const std::string& text) {
  return FromText(type, text)->ShortDebugString();
}

}  // namespace puente::test
