#include "transcoder/place.h"

#include <fmt/format.h>

#include <algorithm>

namespace puente {
namespace {

constexpr std::size_t kLongestName = 64;

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

}  // namespace

bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), IsNameCharacter);
}

std::string Place::Text() const {
  std::string text;
  for (const Step& step : steps_) {
    if (step.kind == Kind::kIndex) {
      text += fmt::format("[{}]", step.number);
    } else if (step.kind == Kind::kField) {
      text += fmt::format("{}{}", text.empty() ? "" : ".", step.name);
    } else if (IsPlainName(step.name)) {
      text += fmt::format("[\"{}\"]", step.name);
    } else {
      text += fmt::format("[entry {}]", step.number);
    }
  }
  return text;
}

}  // namespace puente
