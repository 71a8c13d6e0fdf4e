#include "transcoder/template_distance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "transcoder/http_message.h"
#include "transcoder/place.h"

namespace puente {
namespace {

using Segment = PathTemplate::Segment;
using Kind = PathTemplate::SegmentKind;

constexpr std::size_t kLongestWord = 64;
constexpr int kMostLetters = 2;
constexpr std::size_t kMostSteps = 2;  // at the end, that may be missing, wrong or too many

// Distances: what is the same but for case is nearer than a misspelled word, and this nearer than a
// segment.
constexpr int kCase = 1;
constexpr int kLetter = 3;
constexpr int kStep = 10;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kLongestWord + 1>, kLongestWord + 1> cost;
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      cost[i][j] =
          std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) &&
                           Lower(a[i - 2]) == Lower(b[j - 1]);
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

std::string Quote(std::string_view text) {
  return IsPlainName(text) ? fmt::format("`{}`", text) : "something else";
}

// Walks a template and a path side by side.
class Comparison {
 public:
  Comparison(const PathTemplate& path_template, std::span<const std::string> segments)
      : template_(path_template), segments_(segments.begin(), segments.end()) {}

  std::optional<TemplateDistance> Run() {
    if (!TakeVerb()) return std::nullopt;
    const auto multi = std::ranges::find(template_.segments, Kind::kMulti, &Segment::kind);
    const bool same = multi == template_.segments.end() ? CompareAll() : CompareAround(multi);
    const bool differs_in_one_way = stops_ == 0 || (stops_ == 1 && !is_misspelled_);
    if (!same || common_ == 0 || !differs_in_one_way) return std::nullopt;
    return TemplateDistance{distance_, why_};
  }

 private:
  void Differ(int distance, const std::string& why) {
    distance_ += distance;
    why_ += (why_.empty() ? "" : "; ") + why;
  }

  // A part of the path or the template is missing.
  void Stop(int distance, const std::string& why) {
    ++stops_;
    Differ(distance, why);
  }

  // Whether `word` may have been meant to be `literal`.
  bool CompareWord(std::string_view word, std::string_view literal) {
    if (word == literal) return true;
    const auto letters = NearbyDistance(word, literal);
    if (!letters) return false;
    is_misspelled_ = true;
    Differ(*letters == 0 ? kCase : kLetter * *letters,
           fmt::format("{} should be `{}`", Quote(word), literal));
    return true;
  }

  bool CompareSegment(const std::string& segment, const Segment& expected) {
    if (expected.kind == Kind::kSingle) return !segment.empty();
    if (!CompareWord(segment, expected.literal)) return false;
    common_ += segment == expected.literal ? 2 : 1;
    return true;
  }

  // The verb ends the last segment.
  bool TakeVerb() {
    if (template_.verb.empty()) return true;
    if (segments_.empty()) return false;
    std::string& last = segments_.back();
    const std::size_t colon = last.rfind(':');
    if (colon == last.npos) {
      Stop(kStep, fmt::format("the verb `:{}` is missing at the end", template_.verb));
      return true;
    }
    const std::string verb = last.substr(colon + 1);
    last.resize(colon);
    if (CompareWord(verb, template_.verb)) return true;
    Stop(kStep, fmt::format("the verb should be `:{}`", template_.verb));
    return true;
  }

  bool CompareAll() {
    const std::size_t expected = template_.segments.size();
    const std::size_t both = std::min(expected, segments_.size());
    std::size_t at = 0;
    while (at < both && CompareSegment(segments_[at], template_.segments[at])) ++at;
    return StopAt(at, std::max(expected, segments_.size()) - at);
  }

  // What comes from `at` on, `steps` segments of path or template, does not match.
  bool StopAt(std::size_t at, std::size_t steps) {
    if (steps == 0) return true;
    if (steps > kMostSteps || steps > at) return false;
    const std::string matches = fmt::format("matches up to segment {}, then ", at);
    const int distance = kStep * static_cast<int>(steps) - std::min(common_, kStep / 2);
    if (at == template_.segments.size()) {
      const char* many = steps == 1 ? "is one too many" : "and what follows are too many";
      Stop(distance, segments_[at].empty()
                         ? matches + "an empty segment is one too many"
                         : fmt::format("{}{} {}", matches, Quote(segments_[at]), many));
      return true;
    }
    const Segment& expected = template_.segments[at];
    const std::string wants = expected.kind == Kind::kLiteral
                                  ? fmt::format("`{}`", expected.literal)
                                  : std::string("a value");
    Stop(distance, at == segments_.size()
                       ? fmt::format("{}the path ends where {} is expected", matches, wants)
                   : segments_[at].empty() ? fmt::format("{}segment {} is empty", matches, at + 1)
                                           : fmt::format("{}{} is expected", matches, wants));
    return true;
  }

  // "**" takes whatever lies between what is before it and what is behind it.
  bool CompareAround(std::vector<Segment>::const_iterator multi) {
    const auto before = static_cast<std::size_t>(multi - template_.segments.begin());
    const std::size_t behind = template_.segments.size() - before - 1;
    if (segments_.size() < before + behind) return CompareAll();
    for (std::size_t i = 0; i < before; ++i) {
      if (!CompareSegment(segments_[i], template_.segments[i])) return false;
    }
    for (std::size_t i = 1; i <= behind; ++i) {
      const std::string& segment = segments_[segments_.size() - i];
      const Segment& expected = template_.segments[template_.segments.size() - i];
      if (CompareSegment(segment, expected)) continue;
      Stop(kStep, fmt::format("`{}` is expected as segment {} from the end", expected.literal, i));
    }
    return true;
  }

  const PathTemplate& template_;
  std::vector<std::string> segments_;
  int distance_ = 0;
  int stops_ = 0;
  bool is_misspelled_ = false;
  int common_ = 0;  // literals that are there
  std::string why_;
};

}  // namespace

std::optional<int> NearbyDistance(std::string_view a, std::string_view b) {
  const std::size_t longer = std::max(a.size(), b.size());
  if (longer > kLongestWord || longer > std::min(a.size(), b.size()) + kMostLetters) {
    return std::nullopt;
  }
  const std::size_t distance = EditDistance(a, b);
  if (distance > kMostLetters || (distance > 0 && distance >= longer)) return std::nullopt;
  return static_cast<int>(distance);
}

std::optional<TemplateDistance> DistanceTo(const PathTemplate& path_template,
                                           std::span<const std::string> segments) {
  return Comparison(path_template, segments).Run();
}

}  // namespace puente
