// Two bodies of any bytes, with a descriptor and without. An answer says what it says itself, the
// sides only change the kinds of differences, and what the codec reads of a body it prints in any
// of its ways as the same.
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "descriptors/descriptor_set.h"
#include "tests/fuzz/message_of_all_kinds.h"
#include "tests/fuzz/require.h"
#include "transcoder/codec.h"
#include "transcoder/comparison/compare_answers.h"
#include "transcoder/comparison/found_differences.h"
#include "transcoder/route.h"

namespace {

using puente::fuzz::MessageOfAllKinds;
using puente::fuzz::Require;

constexpr int kDepth = 20;

struct Fixture {
  const std::shared_ptr<const puente::DescriptorSet> set = MessageOfAllKinds();
  const google::protobuf::MethodDescriptor* method = set->pool().FindMethodByName("fuzz.S.F");
  const google::protobuf::Descriptor* type = method->input_type();
  const puente::Route route = puente::CompileRoute({method, "POST", "/x", "*", ""}).value();
  const std::unique_ptr<const puente::Codec> terse =
      puente::MakeDynamicCodec(set, {.int64_as_number = true, .max_json_depth = kDepth});
  const std::unique_ptr<const puente::Codec> verbose =
      puente::MakeDynamicCodec(set, {.always_print_fields_with_no_presence = true,
                                     .preserve_proto_field_names = true,
                                     .print_enums_as_ints = true,
                                     .max_json_depth = kDepth});
  const std::unique_ptr<const puente::RouteCodec> terse_codec = terse->ForRoute(route);
  const std::unique_ptr<const puente::RouteCodec> verbose_codec = verbose->ForRoute(route);
};

puente::Comparison Compare(std::string_view primary, std::string_view shadow,
                           const puente::AnswerType& type) {
  const std::vector<std::string> paths = {"i.a", "j[].long_name", "z"};
  static const puente::IgnoredFields ignored = puente::IgnoredFields::Parse(paths).value();
  return puente::CompareAnswers({200, "", primary}, {200, "", shadow}, type, ignored,
                                {.depth = 2 * kDepth});
}

void SwapSides(std::vector<puente::Difference>& differences) {
  using Kind = puente::DifferenceKind;
  for (puente::Difference& difference : differences) {
    const bool missing = difference.kind == Kind::kMissing, extra = difference.kind == Kind::kExtra;
    if (missing || extra) difference.kind = missing ? Kind::kExtra : Kind::kMissing;
  }
  std::ranges::sort(differences);
}

bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

void HasFewPrintablePaths(const std::vector<puente::Difference>& differences) {
  Require(differences.size() <= puente::FoundDifferences::kMost);
  for (const puente::Difference& difference : differences) {
    Require(difference.path.size() <= puente::FoundDifferences::kLongestPath);
    Require(std::ranges::all_of(difference.path, IsPrintable));
  }
}

void SidesMayChange(std::string_view one, std::string_view other, const puente::AnswerType& type) {
  const auto there = Compare(one, other, type);
  auto back = Compare(other, one, type);
  Require(there.has_value() == back.has_value());
  if (!there) return;
  HasFewPrintablePaths(*there);
  if (there->size() == puente::FoundDifferences::kMost) return;
  SwapSides(*back);
  Require(*there == *back);
}

void IsLikeItself(std::string_view body, const puente::AnswerType& type) {
  const auto comparison = Compare(body, body, type);
  Require(!comparison || comparison->empty());
}

// Numbers in a Value are doubles, which a body may say more exactly; it has no other lists "o[]".
bool IsInValue(const puente::Difference& difference) {
  return difference.path.find("o[]") != difference.path.npos || difference.path.ends_with("...");
}

void IsLikeWhatTheCodecPrints(const Fixture& fixture, std::string_view body) {
  puente::DroppedInput dropped;
  const auto bound = fixture.terse_codec->Bind({}, dropped);
  const auto wire = fixture.terse_codec->Encode(*bound, {"application/json", body}, dropped);
  if (!wire) return;
  puente::Payload terse, verbose;
  if (!fixture.terse_codec->DecodeResponse(*wire, terse)) return;
  Require(fixture.verbose_codec->DecodeResponse(*wire, verbose).has_value());
  const auto prints = Compare(terse.bytes, verbose.bytes, fixture.type);
  Require(prints && prints->empty());
  const auto read = Compare(body, terse.bytes, fixture.type);
  Require(read && std::ranges::all_of(*read, IsInValue));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t half = std::min(input.find('\n'), size);
  const std::string_view primary = input.substr(0, half);
  const std::string_view shadow = input.substr(std::min(half + 1, size));
  for (const puente::AnswerType& type : {puente::AnswerType(), puente::AnswerType(fixture.type)}) {
    IsLikeItself(primary, type);
    SidesMayChange(primary, shadow, type);
  }
  IsLikeWhatTheCodecPrints(fixture, primary);
  return 0;
}
