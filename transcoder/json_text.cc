#include "transcoder/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "transcoder/number_text.h"

namespace puente {
namespace {

bool NeedsEscape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void AppendEscape(char c, std::string& out) {
  constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  const std::size_t letter = kMeanings.find(c);
  if (letter == std::string_view::npos) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    return;
  }
  out.push_back('\\');
  out.push_back(kLetters[letter]);
}

template <class T>
void AppendReal(T value, std::string& out) {
  if (std::isfinite(value)) return AppendNumber(value, out);
  out.append(std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  while (!text.empty()) {
    const auto* const stop = std::find_if(text.begin(), text.end(), NeedsEscape);
    const auto plain = static_cast<std::size_t>(stop - text.begin());
    out.append(text.substr(0, plain));
    if (plain == text.size()) break;
    AppendEscape(text[plain], out);
    text.remove_prefix(plain + 1);
  }
  out.push_back('"');
}

void AppendJsonNumber(double value, std::string& out) { AppendReal(value, out); }
void AppendJsonNumber(float value, std::string& out) { AppendReal(value, out); }

}  // namespace puente
