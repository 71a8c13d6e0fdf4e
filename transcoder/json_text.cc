#include "transcoder/json_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "transcoder/json_escape.h"
#include "transcoder/number_text.h"

namespace puente {
namespace {

bool NeedsEscape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

char* Write(std::string_view text, char* to) { return std::copy(text.begin(), text.end(), to); }

template <class T>
char* WriteReal(T value, char* to) {
  static_assert(kLongestReal <= kLongestJsonReal);
  if (std::isfinite(value)) return WriteNumber(value, to);
  return Write(std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"", to);
}

template <class T>
char* WriteInteger64(T value, bool as_number, char* to) {
  constexpr std::int64_t kLargest = (std::int64_t{1} << 53) - 1;
  const bool is_exact =
      std::cmp_less_equal(value, kLargest) && std::cmp_greater_equal(value, -kLargest);
  const bool is_string = !as_number || !is_exact;
  if (is_string) *to++ = '"';
  to = std::to_chars(to, to + kLongestJsonInteger64 - 2, value).ptr;
  if (is_string) *to++ = '"';
  return to;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  while (!text.empty()) {
    const auto* const stop = std::find_if(text.begin(), text.end(), NeedsEscape);
    const auto plain = static_cast<std::size_t>(stop - text.begin());
    out.append(text.substr(0, plain));
    if (plain == text.size()) break;
    char escape[kLongestJsonEscape];
    out.append(escape, WriteJsonEscape(text[plain], escape));
    text.remove_prefix(plain + 1);
  }
  out.push_back('"');
}

char* WriteJsonNumber(double value, char* to) { return WriteReal(value, to); }
char* WriteJsonNumber(float value, char* to) { return WriteReal(value, to); }

char* WriteJsonInteger64(std::int64_t value, bool as_number, char* to) {
  return WriteInteger64(value, as_number, to);
}
char* WriteJsonInteger64(std::uint64_t value, bool as_number, char* to) {
  return WriteInteger64(value, as_number, to);
}

}  // namespace puente
