#include "transcoder/comparison/compare_answers.h"

#include <fmt/format.h>

#include <string>

#include "transcoder/comparison/answer_comparer.h"
#include "transcoder/comparison/found_differences.h"
#include "transcoder/media_type.h"

namespace puente {
namespace {

constexpr int kFirstErrorStatus = 400;
constexpr std::string_view kNothing = "null";

tl::unexpected<Error> Incomparable(std::string_view what, std::string_view problem) {
  return Fail(Code::kInvalidArgument, fmt::format("{}: {}", what, problem));
}

Comparison OneDifference(DifferenceKind kind) { return std::vector{Difference{{}, kind}}; }

std::string_view JsonOf(const Answer& answer) {
  return answer.body.empty() ? kNothing : answer.body;
}

void CompareAs(const AnswerType& type, const ValuePair& pair, const IgnoredFields& ignored,
               AnswerComparer& comparer) {
  if (type.field != nullptr) {
    comparer.CompareField(*type.field, pair, ignored.Top());
  } else if (type.message != nullptr) {
    comparer.CompareMessage(*type.message, pair, ignored.Top());
  } else {
    comparer.ComparePlain(pair, ignored.Top());
  }
}

Comparison CompareJson(const Answer& primary, const Answer& shadow, const AnswerType& type,
                       const IgnoredFields& ignored, const JsonTree::Limits& limits) {
  const JsonTree first(JsonOf(primary), limits);
  if (first.problem()) return Incomparable("the primary's answer", *first.problem());
  const JsonTree second(JsonOf(shadow), limits);
  if (second.problem()) return Incomparable("the shadow's answer", *second.problem());
  FoundDifferences found;
  AnswerComparer comparer(found);
  CompareAs(type, ValuePair(&first.root(), &second.root()), ignored, comparer);
  if (comparer.problem()) return Incomparable("one of the answers", *comparer.problem());
  return found.All();
}

Comparison CompareBytes(std::string_view primary, std::string_view shadow) {
  if (primary == shadow) return {};
  return OneDifference(DifferenceKind::kValue);
}

bool MayBeJson(const Answer& answer) { return answer.body.empty() || IsJson(answer.content_type); }

}  // namespace

Comparison CompareAnswers(const Answer& primary, const Answer& shadow, const AnswerType& type,
                          const IgnoredFields& ignored, const JsonTree::Limits& limits) {
  if (primary.http_status != shadow.http_status) return OneDifference(DifferenceKind::kStatus);
  if (primary.http_status >= kFirstErrorStatus) return {};
  if (primary.body.empty() && shadow.body.empty()) return {};
  const bool first = MayBeJson(primary), second = MayBeJson(shadow);
  if (first && second) return CompareJson(primary, shadow, type, ignored, limits);
  const bool is_one_empty = primary.body.empty() || shadow.body.empty();
  if (first != second && !is_one_empty) return OneDifference(DifferenceKind::kType);
  return CompareBytes(primary.body, shadow.body);
}

}  // namespace puente
