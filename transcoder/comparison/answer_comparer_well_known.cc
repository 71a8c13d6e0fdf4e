// The parts of AnswerComparer for the well-known types.
#include <algorithm>

#include "transcoder/comparison/answer_comparer.h"
#include "transcoder/comparison/compare_scalar.h"
#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::Descriptor;

namespace {

// What an Any holds that is not written as an object: it stands in a member of its own.
constexpr std::string_view kContentKey = "value";

const JsonValue* FindMember(const JsonValue& object, std::string_view key) {
  const auto& members = object.children;
  const auto found = std::ranges::lower_bound(members, key, {}, &JsonValue::key);
  return found != members.end() && found->key == key ? &*found : nullptr;
}

// The name of the type that an Any says it has; empty when it says none.
std::string_view AnyTypeName(const JsonValue& any) {
  const JsonValue* url = FindMember(any, JsonScanner::kTypeKey);
  if (url == nullptr || url->kind != JsonScanner::Kind::kString) return {};
  return url->text.substr(url->text.rfind('/') + 1);
}

// Some implementations write an Empty like the other well-known types, and some do not.
bool HasContentMember(const Descriptor& content) {
  return KindOf(content) != WellKnown::kNone || content.full_name() == "google.protobuf.Empty";
}

}  // namespace

void AnswerComparer::CompareTextual(const Descriptor& type, const ValuePair& pair,
                                    const Place& ignored) {
  if (!AreBoth(Kind::kString, pair, ignored)) return;
  const bool same = SameTextual(type, pair.primary->text, pair.shadow->text);
  if (!same) found_.Add(DifferenceKind::kValue);
}

// Through the type of what it holds, where the pool that `type` is of knows it.
void AnswerComparer::CompareAny(const Descriptor& type, const ValuePair& pair,
                                const Place& ignored) {
  if (!AreBoth(Kind::kObject, pair, ignored)) return;
  const std::string_view primary = AnyTypeName(*pair.primary), shadow = AnyTypeName(*pair.shadow);
  const bool both_say = !primary.empty() && !shadow.empty();
  if (both_say && primary != shadow) {
    const auto step = found_.Member(JsonScanner::kTypeKey);
    return found_.Add(DifferenceKind::kValue);
  }
  const Descriptor* content =
      both_say ? type.file()->pool()->FindMessageTypeByName(std::string(primary)) : nullptr;
  if (content == nullptr) return ComparePlain(pair, ignored);
  CompareAnyContent(*content, pair, ignored);
}

void AnswerComparer::CompareAnyContent(const Descriptor& content, const ValuePair& pair,
                                       const Place& ignored) {
  if (!HasContentMember(content)) {
    return CompareFields(content, pair, ignored, JsonScanner::kTypeKey);
  }
  const Place below = ignored.Below(kContentKey);
  if (below.is_ignored()) return;
  const auto step = found_.Member(kContentKey);
  const ValuePair contents(FindMember(*pair.primary, kContentKey),
                           FindMember(*pair.shadow, kContentKey));
  CompareMessage(content, contents, below);
}

}  // namespace puente
