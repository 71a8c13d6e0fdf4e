#include "config/check_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "config/key_suggestion.h"
#include "config/schema.h"

namespace puente {
namespace {

// A list that is longer helps nobody.
constexpr std::size_t kMostListed = 10;

// How many upstreams a wrong name is compared with, and how long it may be: many wrong names in a
// long list must not take minutes.
constexpr std::size_t kMostCompared = 100;
constexpr std::size_t kLongestCompared = 64;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

bool IsFullName(std::string_view text) {
  bool begins = true;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (c == '.' ? begins : !IsLetter(c) && (begins || !is_digit)) return false;
    begins = c == '.';
  }
  return !begins;
}

void CheckExactlyOne(const std::string& path, const std::vector<Alternative>& alternatives,
                     Findings& findings) {
  int count = 0;
  std::vector<std::string> names;
  for (const Alternative& alternative : alternatives) {
    names.push_back(alternative.key);
    const std::string key = JoinKey(path, alternative.key);
    if (alternative.is_set || findings.IsSettled(key)) ++count;
    if (alternative.is_set && count > 1) {
      findings.Report(key, fmt::format("only one of {} may be given", Enumerate(names, "and")));
    }
  }
  if (count == 0) findings.Report(path, fmt::format("needs {}", Enumerate(names, "or")));
}

std::vector<std::string> UpstreamNames(const config::Config& config) {
  std::vector<std::string> names;
  for (const config::Upstream& upstream : config.upstreams()) {
    if (!upstream.name().empty()) names.push_back(upstream.name());
  }
  return names;
}

std::string NoSuchUpstream(const std::vector<std::string>& upstreams, std::string_view name) {
  const std::string problem = "there is no upstream with this name";
  const auto first = std::span(upstreams).first(std::min(upstreams.size(), kMostCompared));
  const auto nearest =
      name.size() <= kLongestCompared ? NearestName(first, name) : std::string_view();
  if (!nearest.empty()) return fmt::format("{}; did you mean `{}`?", problem, nearest);
  if (upstreams.empty() || upstreams.size() > kMostListed) return problem;
  return fmt::format("{}; there is {}", problem, Enumerate(upstreams, "and"));
}

void UniqueValues::Add(const std::string& key, const std::string& value) {
  if (value.empty() || seen_.insert(value).second) return;
  findings_.Report(key, fmt::format("the {} `{}` is taken already", what_, value));
}

void CheckClientTls(const std::string& path, const config::ClientTls& tls, Findings& findings) {
  if (tls.has_certificate() && !tls.has_private_key()) {
    findings.Report(path + ".private_key", "is missing; certificate needs it");
  }
  if (tls.has_private_key() && !tls.has_certificate()) {
    findings.Report(path + ".certificate", "is missing; private_key needs it");
  }
}

}  // namespace puente
