#include "transcoder/comparison/answer_comparer.h"

#include <algorithm>
#include <utility>

#include "transcoder/comparison/compare_scalar.h"
#include "transcoder/comparison/default_value.h"
#include "transcoder/comparison/merge_sorted.h"
#include "transcoder/well_known.h"

namespace puente {

namespace {

template <class Item>
const JsonValue* ValueOf(const Item* item) {
  return item != nullptr ? item->value : nullptr;
}

}  // namespace

void AnswerComparer::AddOnlyOne(bool primary_has_it) {
  found_.Add(primary_has_it ? DifferenceKind::kMissing : DifferenceKind::kExtra);
}

void AnswerComparer::Fail(std::string_view problem) {
  if (!problem_) problem_ = problem;
}

template <class Fits>
bool AnswerComparer::DoBothFit(const ValuePair& pair, const Place& ignored, Fits fits) {
  const bool first = fits(pair.primary->kind), second = fits(pair.shadow->kind);
  if (first && second) return true;
  if (first || second) {
    found_.Add(DifferenceKind::kType);
  } else {
    ComparePlain(pair, ignored);
  }
  return false;
}

bool AnswerComparer::AreBoth(Kind kind, const ValuePair& pair, const Place& ignored) {
  return DoBothFit(pair, ignored, [kind](Kind one) { return one == kind; });
}

void AnswerComparer::CompareMessage(const Descriptor& type, const ValuePair& pair,
                                    const Place& ignored) {
  const auto is_nothing = [&](const JsonValue& value) {
    return IsDefault(type, value, ignored, fields_);
  };
  if (!AreBothThere(pair, is_nothing)) return;
  switch (KindOf(type)) {
    case WellKnown::kNone:
      return CompareFields(type, pair, ignored, /*except=*/{});
    case WellKnown::kAny:
      return CompareAny(type, pair, ignored);
    case WellKnown::kDuration:
    case WellKnown::kFieldMask:
    case WellKnown::kTimestamp:
      return CompareTextual(type, pair, ignored);
    case WellKnown::kWrapper:
      return CompareScalar(*type.FindFieldByNumber(1), pair, ignored);
    case WellKnown::kListValue:
    case WellKnown::kStruct:
    case WellKnown::kValue:
      return ComparePlain(pair, ignored);
  }
}

// Of two values that are there.
void AnswerComparer::CompareFields(const Descriptor& type, const ValuePair& pair,
                                   const Place& ignored, std::string_view except) {
  if (!AreBoth(Kind::kObject, pair, ignored)) return;
  const auto primary = MembersOf(type, *pair.primary, except, fields_);
  const auto shadow = MembersOf(type, *pair.shadow, except, fields_);
  if (!primary || !shadow) return Fail("a field is given by both of its names");
  MergeSorted(
      *primary, *shadow, CompareMembers,
      [&](const MessageMember* a, const MessageMember* b) { CompareMember(a, b, ignored); });
}

void AnswerComparer::CompareMember(const MessageMember* primary, const MessageMember* shadow,
                                   const Place& ignored) {
  const MessageMember& either = primary != nullptr ? *primary : *shadow;
  const ValuePair pair(ValueOf(primary), ValueOf(shadow));
  const auto step = found_.Member(either.name());
  if (either.field != nullptr) {
    CompareField(*either.field, pair, ignored.Below(*either.field));
  } else {
    ComparePlain(pair, ignored.Below(either.name()));
  }
}

void AnswerComparer::CompareField(const FieldDescriptor& field, const ValuePair& pair,
                                  const Place& ignored) {
  if (ignored.is_ignored()) return;
  if (!field.is_repeated()) return CompareSingular(field, pair, ignored);
  const auto is_nothing = [&](const JsonValue& value) {
    return IsDefault(field, value, ignored, fields_);
  };
  if (!AreBothThere(pair, is_nothing)) return;
  if (field.is_map()) return CompareMap(field, pair, ignored);
  if (!AreBoth(Kind::kArray, pair, ignored)) return;
  CompareElements(pair, [&](const ValuePair& both) { CompareSingular(field, both, ignored); });
}

// Of two arrays.
template <class CompareElement>
void AnswerComparer::CompareElements(const ValuePair& pair, CompareElement compare_element) {
  const std::vector<JsonValue>& primary = pair.primary->children;
  const std::vector<JsonValue>& shadow = pair.shadow->children;
  const auto step = found_.Element();
  const std::size_t common = std::min(primary.size(), shadow.size());
  for (std::size_t i = 0; i < common; ++i) compare_element(ValuePair(&primary[i], &shadow[i]));
  if (primary.size() != shadow.size()) AddOnlyOne(primary.size() > shadow.size());
}

void AnswerComparer::CompareMap(const FieldDescriptor& field, const ValuePair& pair,
                                const Place& ignored) {
  if (!AreBoth(Kind::kObject, pair, ignored)) return;
  const auto primary = EntriesOf(field, *pair.primary), shadow = EntriesOf(field, *pair.shadow);
  if (!primary || !shadow) return Fail("a key of a map is given twice");
  const auto step = found_.Element();
  MergeSorted(*primary, *shadow, CompareEntries, [&](const MapEntry* a, const MapEntry* b) {
    if (a == nullptr || b == nullptr) return AddOnlyOne(a != nullptr);
    CompareSingular(*field.message_type()->map_value(), ValuePair(a->value, b->value), ignored);
  });
}

// One value: of a singular field, of an element, of a map's entry.
void AnswerComparer::CompareSingular(const FieldDescriptor& field, const ValuePair& pair,
                                     const Place& ignored) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return CompareMessage(*field.message_type(), pair, ignored);
  }
  const auto is_nothing = [&](const JsonValue& value) {
    return TakesScalar(field, value.kind) && IsDefaultScalar(field, value.text);
  };
  if (AreBothThere(pair, is_nothing)) CompareScalar(field, pair, ignored);
}

// Of two values that are there.
void AnswerComparer::CompareScalar(const FieldDescriptor& field, const ValuePair& pair,
                                   const Place& ignored) {
  const auto fits = [&](Kind kind) { return TakesScalar(field, kind); };
  if (!DoBothFit(pair, ignored, fits)) return;
  const bool same = SameScalar(field, pair.primary->text, pair.shadow->text);
  if (!same) found_.Add(DifferenceKind::kValue);
}

void AnswerComparer::ComparePlain(const ValuePair& pair, const Place& ignored) {
  if (ignored.is_ignored()) return;
  if (!AreBothThere(pair, [](const JsonValue&) { return false; })) return;
  const JsonValue &primary = *pair.primary, &shadow = *pair.shadow;
  if (primary.kind != shadow.kind) return found_.Add(DifferenceKind::kType);
  if (primary.kind == Kind::kObject) return CompareObjects(pair, ignored);
  if (primary.kind == Kind::kArray) {
    return CompareElements(pair, [&](const ValuePair& both) { ComparePlain(both, ignored); });
  }
  const bool same = primary.kind == Kind::kNumber ? SameNumber(primary.text, shadow.text)
                                                  : primary.text == shadow.text;
  if (!same) found_.Add(DifferenceKind::kValue);
}

void AnswerComparer::CompareObjects(const ValuePair& pair, const Place& ignored) {
  const auto compare = [](const JsonValue& a, const JsonValue& b) { return a.key.compare(b.key); };
  MergeSorted(pair.primary->children, pair.shadow->children, compare,
              [&](const JsonValue* a, const JsonValue* b) {
                const std::string_view key = (a != nullptr ? a : b)->key;
                const auto step = found_.Member(key);
                ComparePlain(ValuePair(a, b), ignored.Below(key));
              });
}

}  // namespace puente
