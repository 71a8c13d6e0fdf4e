// Any bytes as a body, as a form, as a query, as a path variable and as an answer. What the codec
// reads it can print, and what it prints it reads again as the same. Unknown input that is let pass
// changes nothing but what is counted; the mask of a PATCH names fields that there are. Both codecs
// do the same.
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "descriptors/descriptor_set.h"
#include "tests/fuzz/message_of_all_kinds.h"
#include "tests/fuzz/require.h"
#include "tests/transcoder/both_codecs.h"
#include "transcoder/codec.h"
#include "transcoder/field_path.h"
#include "transcoder/uri.h"

namespace {

using puente::fuzz::MessageOfAllKinds;
using puente::fuzz::Require;

// A route and its codecs.
struct RouteUnderFuzz {
  RouteUnderFuzz(const google::protobuf::MethodDescriptor* method, const puente::Codec& strict,
                 const puente::Codec& lenient, const char* http_method, const char* path,
                 const char* body)
      : route(puente::CompileRoute({method, http_method, path, body, ""}).value()),
        codec(strict.ForRoute(route)),
        lenient(lenient.ForRoute(route)) {}

  const puente::Route route;
  const std::unique_ptr<const puente::RouteCodec> codec, lenient;
};

// What either codec does, the other must do.
struct Fixture {
  std::unique_ptr<const puente::Codec> MakeCodec(const puente::CodecOptions& options) const {
    return std::make_unique<puente::testing::BothCodecs>(
        set, options, [](std::string_view what, std::string_view) {
          std::fprintf(stderr, "the codecs differ in %.*s\n", static_cast<int>(what.size()),
                       what.data());
          std::abort();
        });
  }

  const std::shared_ptr<const puente::DescriptorSet> set = MessageOfAllKinds();
  const google::protobuf::MethodDescriptor* method = set->pool().FindMethodByName("fuzz.S.F");
  const std::unique_ptr<const puente::Codec> strict = MakeCodec({.max_json_depth = 20});
  const std::unique_ptr<const puente::Codec> lenient =
      MakeCodec({.unknown_fields = puente::UnknownInput::kWarn,
                 .unknown_query = puente::UnknownInput::kWarn,
                 .max_json_depth = 20});
  const std::unique_ptr<const puente::Codec> ignoring =
      MakeCodec({.always_print_fields_with_no_presence = true,
                 .unknown_fields = puente::UnknownInput::kIgnore,
                 .unknown_query = puente::UnknownInput::kIgnore,
                 .max_json_depth = 20});
  const RouteUnderFuzz all{method, *ignoring, *ignoring, "POST", "/x", "*"};
  const RouteUnderFuzz whole{method, *strict, *lenient, "POST", "/x", "*"};
  const RouteUnderFuzz path{method, *strict, *lenient, "POST", "/{i.a}", ""};
  const RouteUnderFuzz query{method, *strict, *lenient, "GET", "/x", ""};
  const RouteUnderFuzz patch{method, *strict, *lenient, "PATCH", "/{i.a}", "i"};
  mutable google::protobuf::DynamicMessageFactory messages;
};

// An Any of an unknown type can be printed but not read.
bool HasOpaqueAny(std::string_view json) { return json.find("\"@type\"") != json.npos; }

puente::Result<std::string> EncodeWith(const puente::RouteCodec& codec,
                                       const puente::TargetInput& target,
                                       const puente::BodyInput& body,
                                       puente::DroppedInput& dropped) {
  const auto bound = codec.Bind(target, dropped);
  if (!bound) return tl::unexpected(bound.error());
  return codec.Encode(*bound, body, dropped);
}

// What the strict codec takes the lenient one takes as the same, and drops no more.
puente::Result<std::string> Encode(const RouteUnderFuzz& route, const puente::TargetInput& target,
                                   const puente::BodyInput& body) {
  puente::DroppedInput dropped, let_pass;
  auto wire = EncodeWith(*route.codec, target, body, dropped);
  const auto lenient = EncodeWith(*route.lenient, target, body, let_pass);
  Require(let_pass.names.size() <= puente::DroppedInput::kMaxNames);
  if (!wire) return wire;
  Require(lenient.has_value() && *lenient == *wire);
  Require(dropped.in_body == let_pass.in_body && let_pass.in_query == 0);
  return wire;
}

void PrintReadAndPrint(const RouteUnderFuzz& route, std::string_view wire, bool must_print) {
  const puente::RouteCodec& codec = *route.codec;
  puente::Payload first, second;
  const bool printed = codec.DecodeResponse(wire, first).has_value();
  Require(printed || !must_print);
  if (!printed || HasOpaqueAny(first.bytes)) return;
  const auto read = Encode(route, {}, {.content_type = {}, .bytes = first.bytes});
  Require(read.has_value());
  Require(codec.DecodeResponse(*read, second).has_value());
  Require(first.bytes == second.bytes);
}

// Bodies of a PATCH: all that the mask names is there.
void PatchFillsAMaskOfFields(const Fixture& fixture, const puente::BodyInput& body) {
  const std::vector<std::string> captures = {"5"};
  const auto wire = Encode(fixture.patch, {.captures = captures, .query = {}}, body);
  if (!wire) return;
  const auto& type = *fixture.method->input_type();
  const std::unique_ptr<google::protobuf::Message> request(
      fixture.messages.GetPrototype(&type)->New());
  Require(request->ParseFromString(*wire));
  const auto& mask =
      request->GetReflection()->GetMessage(*request, type.FindFieldByName("update_mask"));
  const auto* paths = mask.GetDescriptor()->FindFieldByNumber(1);
  for (int i = 0; i < mask.GetReflection()->FieldSize(mask, paths); ++i) {
    const std::string path = mask.GetReflection()->GetRepeatedString(mask, paths, i);
    Require(puente::ResolveFieldPath(type, path).has_value());
  }
}

// A form is bound as the same text is in a query.
void FormIsBoundLikeAQuery(const Fixture& fixture, const puente::BodyInput& form) {
  const auto of_form = Encode(fixture.whole, {}, form);
  const auto of_query = Encode(fixture.query, {.captures = {}, .query = form.bytes}, {});
  if (puente::CheckEscapes(form.bytes, "form")) {
    Require(of_form.has_value() == of_query.has_value());
  }
  if (of_form) Require(*of_form == *of_query);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const puente::BodyInput json = {.content_type = "application/json", .bytes = input};
  const puente::BodyInput form = {.content_type = "application/x-www-form-urlencoded",
                                  .bytes = input};
  PrintReadAndPrint(fixture.whole, input, false);
  PrintReadAndPrint(fixture.all, input, false);
  (void)Encode(fixture.all, {}, json);
  if (const auto wire = Encode(fixture.whole, {}, json)) {
    PrintReadAndPrint(fixture.whole, *wire, true);
  }
  PatchFillsAMaskOfFields(fixture, json);
  PatchFillsAMaskOfFields(fixture, form);
  FormIsBoundLikeAQuery(fixture, form);
  const std::size_t split = input.find('?');
  const std::vector<std::string> captures = {std::string(input.substr(0, split))};
  const std::string_view query = split == input.npos ? input : input.substr(split + 1);
  const std::vector<std::string> valid = {"5"};
  (void)Encode(fixture.path, {.captures = captures, .query = {}}, {});
  if (const auto wire = Encode(fixture.path, {.captures = valid, .query = query}, {})) {
    // A query may name paths of a FieldMask that have no form in JSON ("foo_3").
    PrintReadAndPrint(fixture.whole, *wire, false);
  }
  return 0;
}
