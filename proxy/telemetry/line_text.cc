#include "proxy/telemetry/line_text.h"

#include <algorithm>

#include "transcoder/json_escape.h"

namespace puente {
namespace {

constexpr char kDel = '\x7f';

bool IsControl(char c) { return static_cast<unsigned char>(c) < ' ' || c == kDel; }
bool NeedsEscape(char c) { return IsControl(c) || c == '"' || c == '\\'; }

template <class IsEscaped>
void AppendEscapedIf(IsEscaped is_escaped, std::string_view text, TextBuffer& out) {
  while (!text.empty()) {
    const auto plain =
        static_cast<std::size_t>(std::ranges::find_if(text, is_escaped) - text.begin());
    out.Append(text.substr(0, plain));
    if (plain == text.size()) return;
    if (text[plain] == kDel) {
      out.Append("\\u007f");
    } else {
      out.End(WriteJsonEscape(text[plain], out.Reserve(kLongestJsonEscape)));
    }
    text.remove_prefix(plain + 1);
  }
}

}  // namespace

void AppendWithoutControls(std::string_view text, TextBuffer& out) {
  AppendEscapedIf(IsControl, text, out);
}

void AppendEscaped(std::string_view text, TextBuffer& out) {
  AppendEscapedIf(NeedsEscape, text, out);
}

void AppendLogfmtValue(std::string_view text, TextBuffer& out) {
  const auto needs_quotes = [](char c) { return c == ' ' || c == '=' || NeedsEscape(c); };
  if (!text.empty() && std::ranges::none_of(text, needs_quotes)) return out.Append(text);
  out.Append('"');
  AppendEscaped(text, out);
  out.Append('"');
}

}  // namespace puente
