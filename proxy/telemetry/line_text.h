// Text that is written to a line of a log, so that it can't end the line or pass for another part
// of it.
#pragma once

#include <string_view>

#include "transcoder/text_buffer.h"

namespace puente {

// Appends `text` with its control characters, DEL included, as JSON escapes them ("\n", "\u001b").
void AppendWithoutControls(std::string_view text, TextBuffer& out);

// The same, and with a backslash in front of quotes and backslashes: what may stand between quotes.
void AppendEscaped(std::string_view text, TextBuffer& out);

// Appends `text` as a value of logfmt: as it is, or escaped and in quotes when it is empty or holds
// a space, '=', a quote, a backslash or a control character.
void AppendLogfmtValue(std::string_view text, TextBuffer& out);

}  // namespace puente
