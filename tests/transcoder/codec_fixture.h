// Routes and codecs over the messages of tests/testdata/codec_*.proto. The generated classes are
// the oracle: the codec itself only sees their descriptors.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "codec_legacy.pb.h"
#include "codec_types.pb.h"
#include "descriptors/descriptor_set.h"
#include "tests/transcoder/both_codecs.h"
#include "transcoder/codec.h"
#include "transcoder/route.h"

namespace puente::testing {

// A whole request.
struct RequestInput {
  std::span<const std::string> captures;
  std::string_view query;
  std::string_view content_type;
  std::string_view body;
};

// A route of one of the services in codec_*.proto.
struct RouteSpec {
  std::string path = "/x";
  std::string body = "*";
  std::string response_body = {};
  std::string method = "puente.codec.CodecService.Echo";
  std::string http_method = "POST";
};

inline void AddFile(const google::protobuf::FileDescriptor& file,
                    google::protobuf::FileDescriptorSet& set, std::set<std::string>& seen) {
  if (!seen.insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), set, seen);
  google::protobuf::FileDescriptorProto& proto = *set.add_file();
  file.CopyTo(&proto);
  file.CopyJsonNameTo(&proto);
}

inline std::shared_ptr<const DescriptorSet> CodecDescriptors() {
  static const auto descriptors = [] {
    google::protobuf::FileDescriptorSet set;
    std::set<std::string> seen;
    AddFile(*codec::Everything::descriptor()->file(), set, seen);
    AddFile(*codec::Legacy::descriptor()->file(), set, seen);
    DescriptorSetBuilder builder;
    builder.AddBytes("codec.pb", set.SerializeAsString());
    auto built = std::move(builder).Build();
    if (!built) throw std::runtime_error(built.error().front());
    return *built;
  }();
  return descriptors;
}

inline Route MakeRoute(const RouteSpec& spec) {
  const auto* method = CodecDescriptors()->pool().FindMethodByName(spec.method);
  auto route = CompileRoute({method, spec.http_method, spec.path, spec.body, spec.response_body});
  if (!route) throw std::runtime_error(route.error().front());
  return *route;
}

// Fails the test over what the codecs differ in.
inline std::unique_ptr<const Codec> MakeCodecUnderTest(
    const std::shared_ptr<const DescriptorSet>& set, const CodecOptions& options = {}) {
  return std::make_unique<BothCodecs>(
      set, options, [](std::string_view what, std::string_view input) {
        ADD_FAILURE() << "the codecs differ in " << what << " over: " << input.substr(0, 1000);
      });
}

// A route and its codecs.
class RouteUnderTest {
 public:
  explicit RouteUnderTest(const RouteSpec& spec, const CodecOptions& options = {})
      : route_(std::make_unique<Route>(MakeRoute(spec))),
        codec_(MakeCodecUnderTest(CodecDescriptors(), options)),
        route_codec_(codec_->ForRoute(*route_)) {}

  Result<std::string> Encode(const RequestInput& input) const {
    DroppedInput dropped;
    return Encode(input, dropped);
  }
  Result<std::string> Encode(const RequestInput& input, DroppedInput& dropped) const {
    const auto target = route_codec_->Bind({input.captures, input.query}, dropped);
    if (!target) return tl::unexpected(target.error());
    return route_codec_->Encode(*target, {input.content_type, input.body}, dropped);
  }
  Result<std::string> EncodeBody(std::string_view body,
                                 std::string_view content_type = "application/json") const {
    return Encode({.content_type = content_type, .body = body});
  }
  // The request as text format; "ERROR: " and the message when it is refused.
  template <class Message = codec::Everything>
  std::string EncodeToText(const RequestInput& input) const {
    const auto wire = Encode(input);
    if (!wire) return "ERROR: " + wire.error().message;
    Message message;
    if (!message.ParseFromString(*wire)) return "not the wire form of the message";
    return message.ShortDebugString();
  }
  template <class Message = codec::Everything>
  std::string BodyToText(std::string_view body) const {
    return EncodeToText<Message>({.content_type = "application/json", .body = body});
  }
  // The JSON of an answer; "ERROR: " and the message when it has none.
  std::string Decode(const std::string& wire) const {
    Payload payload{"left over", "left over"};
    const auto decoded = route_codec_->DecodeResponse(wire, payload);
    if (decoded) return payload.bytes;
    EXPECT_EQ(decoded.error().code, Code::kInternal);
    return "ERROR: " + decoded.error().message;
  }
  // Of a message in text format.
  template <class Message = codec::Everything>
  std::string DecodeText(const std::string& text) const {
    Message message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
    return Decode(message.SerializePartialAsString());
  }
  const RouteCodec& codec() const { return *route_codec_; }

 private:
  std::unique_ptr<const Route> route_;
  std::unique_ptr<const Codec> codec_;
  std::unique_ptr<const RouteCodec> route_codec_;
};

}  // namespace puente::testing
