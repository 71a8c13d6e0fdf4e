#include "proxy/telemetry/tracing/otel_environment.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>

#include "config/ascii.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostMilliseconds = 3'600'000;

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::optional<std::size_t> ParseNumber(std::string_view text) {
  std::size_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && stop == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<OtelVariable> OtelEnvironment::Find(
    std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    const auto value = environment_(name);
    if (!value) continue;
    if (const std::string_view text = Trim(*value); !text.empty()) {
      return OtelVariable{name, std::string(text)};
    }
  }
  return std::nullopt;
}

std::optional<OtelVariable> OtelEnvironment::FindName(
    std::initializer_list<std::string_view> names) const {
  auto variable = Find(names);
  if (variable) variable->value = ToLowerAscii(variable->value);
  return variable;
}

bool OtelEnvironment::IsTrue(std::string_view name) const {
  const auto variable = FindName({name});
  if (!variable || variable->value == "false") return false;
  if (variable->value == "true") return true;
  WarnOfVariable(name, "expected `true` or `false`", "false is used");
  return false;
}

std::size_t OtelEnvironment::Number(std::initializer_list<std::string_view> names,
                                    std::size_t least, std::size_t most,
                                    std::size_t otherwise) const {
  const auto variable = Find(names);
  if (!variable) return otherwise;
  const auto number = ParseNumber(variable->value);
  if (number && *number >= least && *number <= most) return *number;
  WarnOfVariable(variable->name, fmt::format("not a whole number from {} to {}", least, most),
                 fmt::format("{} is used", otherwise));
  return otherwise;
}

milliseconds OtelEnvironment::Milliseconds(std::initializer_list<std::string_view> names,
                                           milliseconds otherwise) const {
  return milliseconds(
      Number(names, 1, kMostMilliseconds, static_cast<std::size_t>(otherwise.count())));
}

void WarnOfVariable(std::string_view variable, std::string_view why, std::string_view instead) {
  spdlog::warn("{}: {}; {}", variable, why, instead);
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> elements;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (const std::string_view element = Trim(text.substr(0, end)); !element.empty()) {
      elements.emplace_back(element);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return elements;
}

std::optional<OtelPairs> ParsePairs(std::string_view text) {
  OtelPairs pairs;
  for (const std::string& element : SplitList(text)) {
    const std::size_t equals = element.find('=');
    if (equals == std::string::npos) return std::nullopt;
    const std::string_view name = Trim(std::string_view(element).substr(0, equals));
    const std::string_view value = Trim(std::string_view(element).substr(equals + 1));
    if (name.empty() || !CheckEscapes(value, "value") || !CheckEscapes(name, "name")) {
      return std::nullopt;
    }
    pairs.emplace_back(PercentDecode(name), PercentDecode(value));
  }
  return pairs;
}

}  // namespace puente
