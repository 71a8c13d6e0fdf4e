// What the protobuf conformance test runner speaks to: Puente's codecs behind the runner's protocol
// (conformance/conformance.proto of the protobuf sources): on standard input and output, each
// message behind its size as four bytes, little endian.
//
// The FileDescriptorSet with conformance.proto and the test messages is test_messages.pb in the
// working directory: the runner gives no arguments.
#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "descriptors/descriptor_set.h"
#include "tests/transcoder/both_codecs.h"
#include "transcoder/codec.h"
#include "transcoder/route.h"

namespace puente {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kMessageType[] = "protobuf_test_messages.proto3.TestAllTypesProto3";
constexpr char kEchoMethod[] = "puente.conformance.Echo.Proto3";
constexpr int kJson = 2;               // conformance.WireFormat
constexpr int kJsonIgnoreUnknown = 3;  // conformance.TestCategory

std::string ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The set, and a service whose method takes and returns the proto3 test message: codecs are made
// for routes.
std::shared_ptr<const DescriptorSet> Load(const char* path) {
  DescriptorSetBuilder builder;
  builder.AddBytes(path, ReadFile(path));
  google::protobuf::FileDescriptorSet echo;
  auto& file = *echo.add_file();
  file.set_name("puente/conformance/echo.proto");
  file.set_package("puente.conformance");
  file.set_syntax("proto3");
  file.add_dependency("google/protobuf/test_messages_proto3.proto");
  auto& service = *file.add_service();
  service.set_name("Echo");
  auto& method = *service.add_method();
  method.set_name("Proto3");
  method.set_input_type(std::string(".") + kMessageType);
  method.set_output_type(method.input_type());
  builder.AddBytes("echo", echo.SerializeAsString());
  auto set = std::move(builder).Build();
  if (set) return *set;
  for (const std::string& problem : set.error()) fmt::print(stderr, "{}\n", problem);
  return nullptr;
}

// The runner takes a testee that ends for one that fails.
void OnDifference(std::string_view what, std::string_view input) {
  fmt::print(stderr, "COMPILED and DYNAMIC differ in {} of: {}\n", what, input);
  std::abort();
}

class Testee {
 public:
  explicit Testee(std::shared_ptr<const DescriptorSet> set)
      : set_(std::move(set)),
        factory_(&set_->pool()),
        route_(CompileRoute({set_->pool().FindMethodByName(kEchoMethod), "POST", "/", "*", ""})
                   .value()),
        strict_(set_, {}, OnDifference),
        lenient_(set_, {.unknown_fields = UnknownInput::kIgnore}, OnDifference),
        strict_route_(strict_.ForRoute(route_)),
        lenient_route_(lenient_.ForRoute(route_)) {}

  // Serialized ConformanceRequest to serialized ConformanceResponse.
  std::string Answer(const std::string& bytes) const {
    const auto request = Make("conformance.ConformanceRequest");
    const auto response = Make("conformance.ConformanceResponse");
    if (request->ParseFromString(bytes)) {
      Convert(*request, *response);
    } else {
      Set(*response, "runtime_error", "the request does not parse");
    }
    return response->SerializeAsString();
  }

 private:
  std::unique_ptr<Message> Make(const char* name) const {
    const Descriptor* type = set_->pool().FindMessageTypeByName(name);
    return std::unique_ptr<Message>(factory_.GetPrototype(type)->New());
  }

  static const FieldDescriptor* Field(const Message& message, const char* name) {
    return message.GetDescriptor()->FindFieldByName(name);
  }
  static std::string Text(const Message& message, const char* name) {
    return message.GetReflection()->GetString(message, Field(message, name));
  }
  static int Number(const Message& message, const char* name) {
    return message.GetReflection()->GetEnumValue(message, Field(message, name));
  }
  static bool Has(const Message& message, const char* name) {
    return message.GetReflection()->HasField(message, Field(message, name));
  }
  static void Set(Message& message, const char* name, const std::string& value) {
    message.GetReflection()->SetString(&message, Field(message, name), value);
  }

  void Convert(const Message& request, Message& response) const {
    const bool from_json = Has(request, "json_payload");
    const bool to_json = Number(request, "requested_output_format") == kJson;
    if (Text(request, "message_type") == "conformance.FailureSet") {
      return Set(response, "protobuf_payload", "");
    }
    if (Text(request, "message_type") != kMessageType) {
      return Set(response, "skipped", "only proto3");
    }
    if (!from_json && !Has(request, "protobuf_payload")) {
      return Set(response, "skipped", "neither JSON nor the wire format");
    }
    if (!from_json && !to_json) {
      return Set(response, "skipped", "from the wire format to itself is not Puente's");
    }
    const bool lenient = Number(request, "test_category") == kJsonIgnoreUnknown;
    Convert(request, lenient ? *lenient_route_ : *strict_route_, from_json, to_json, response);
  }

  void Convert(const Message& request, const RouteCodec& codec, bool from_json, bool to_json,
               Message& response) const {
    std::string wire = Text(request, "protobuf_payload");
    if (from_json) {
      DroppedInput dropped;
      const std::string json = Text(request, "json_payload");
      auto read = codec.Encode({}, {.bytes = json}, dropped);
      if (!read) return Set(response, "parse_error", read.error().message);
      wire = *std::move(read);
    }
    if (!to_json) return Set(response, "protobuf_payload", wire);
    Payload printed;
    const auto decoded = codec.DecodeResponse(wire, printed);
    if (decoded) return Set(response, "json_payload", printed.bytes);
    const bool parsed = from_json || Make(kMessageType)->ParseFromString(wire);
    Set(response, parsed ? "serialize_error" : "parse_error", decoded.error().message);
  }

  std::shared_ptr<const DescriptorSet> set_;
  mutable google::protobuf::DynamicMessageFactory factory_;
  const Route route_;
  const testing::BothCodecs strict_, lenient_;
  const std::unique_ptr<const RouteCodec> strict_route_, lenient_route_;
};

std::optional<std::string> Receive() {
  static_assert(std::endian::native == std::endian::little);
  std::uint32_t size = 0;
  if (std::fread(&size, sizeof size, 1, stdin) != 1) return std::nullopt;
  std::string bytes(size, '\0');
  if (std::fread(bytes.data(), 1, size, stdin) != size) return std::nullopt;
  return bytes;
}

void Send(const std::string& bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  std::fwrite(&size, sizeof size, 1, stdout);
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

}  // namespace
}  // namespace puente

int main() {
  const auto set = puente::Load("test_messages.pb");
  if (!set) return 1;
  const puente::Testee testee(set);
  while (const auto request = puente::Receive()) puente::Send(testee.Answer(*request));
  return 0;
}
