// Walks through two JSON values side by side, led by descriptors where there are some.
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>

#include "transcoder/comparison/field_index.h"
#include "transcoder/comparison/found_differences.h"
#include "transcoder/comparison/ignored_fields.h"
#include "transcoder/comparison/json_tree.h"
#include "transcoder/comparison/object_members.h"

namespace puente {

// What the two answers have at one place: nullptr for the one that has nothing there, or null,
// which is the same everywhere.
struct ValuePair {
  ValuePair(const JsonValue* primary_value, const JsonValue* shadow_value)
      : primary(NullAsNothing(primary_value)), shadow(NullAsNothing(shadow_value)) {}

  static const JsonValue* NullAsNothing(const JsonValue* value) {
    const bool is_null = value != nullptr && value->kind == JsonScanner::Kind::kNull;
    return is_null ? nullptr : value;
  }

  const JsonValue* primary;
  const JsonValue* shadow;
};

// Used once, by one thread. What only one of the answers has counts unless it is a default value
// (default_value.h); entries of maps and elements of lists count always. What is of the wrong kind
// for its field in both answers is compared as if the field were not known; so are unknown members.
class AnswerComparer {
 public:
  using Place = IgnoredFields::Place;

  // `found`, which must outlive it, gets the differences.
  explicit AnswerComparer(FoundDifferences& found) : found_(found) {}

  void CompareMessage(const google::protobuf::Descriptor& type, const ValuePair& pair,
                      const Place& ignored);
  // The value of a field, a whole list or map included.
  void CompareField(const google::protobuf::FieldDescriptor& field, const ValuePair& pair,
                    const Place& ignored);
  // JSON that no type is known of.
  void ComparePlain(const ValuePair& pair, const Place& ignored);

  // Why the answers can't be compared: one of them has a field or an entry twice, in two spellings.
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  using Descriptor = google::protobuf::Descriptor;
  using FieldDescriptor = google::protobuf::FieldDescriptor;
  using Kind = JsonScanner::Kind;

  void Fail(std::string_view problem);
  template <class IsNothing>
  bool AreBothThere(const ValuePair& pair, IsNothing is_nothing) {
    if (pair.primary != nullptr && pair.shadow != nullptr) return true;
    const JsonValue* only = pair.primary != nullptr ? pair.primary : pair.shadow;
    if (only != nullptr && !is_nothing(*only)) AddOnlyOne(pair.primary != nullptr);
    return false;
  }
  void AddOnlyOne(bool primary_has_it);
  template <class Fits>
  bool DoBothFit(const ValuePair& pair, const Place& ignored, Fits fits);
  bool AreBoth(Kind kind, const ValuePair& pair, const Place& ignored);

  void CompareFields(const Descriptor& type, const ValuePair& pair, const Place& ignored,
                     std::string_view except);
  void CompareMember(const MessageMember* primary, const MessageMember* shadow,
                     const Place& ignored);
  void CompareMap(const FieldDescriptor& field, const ValuePair& pair, const Place& ignored);
  template <class CompareElement>
  void CompareElements(const ValuePair& pair, CompareElement compare_element);
  void CompareSingular(const FieldDescriptor& field, const ValuePair& pair, const Place& ignored);
  void CompareScalar(const FieldDescriptor& field, const ValuePair& pair, const Place& ignored);
  void CompareObjects(const ValuePair& pair, const Place& ignored);

  void CompareTextual(const Descriptor& type, const ValuePair& pair, const Place& ignored);
  void CompareAny(const Descriptor& type, const ValuePair& pair, const Place& ignored);
  void CompareAnyContent(const Descriptor& content, const ValuePair& pair, const Place& ignored);

  FoundDifferences& found_;
  FieldIndex fields_;
  std::optional<std::string> problem_;
};

}  // namespace puente
