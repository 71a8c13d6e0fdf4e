#include "config/check_sections.h"

#include <fmt/format.h>

#include "config/schema.h"

namespace puente {
namespace {

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

void UniqueValues::Add(const std::string& key, const std::string& value) {
  if (value.empty() || seen_.insert(value).second) return;
  findings_.Report(key, fmt::format("the {} `{}` is taken already", what_, value));
}

}  // namespace puente
