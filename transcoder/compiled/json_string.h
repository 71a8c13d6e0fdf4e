// JSON strings as they go out, fast.
#pragma once

#include <string_view>

#include "transcoder/text_buffer.h"

namespace puente {

// Appends `text` as a JSON string. Up to 16 bytes behind it may be read, but none from
// `readable_end` on; where that lies before the text, none at all. False when the text is not
// UTF-8: something may have been written then.
bool AppendJsonString(std::string_view text, const char* readable_end, TextBuffer& out);

}  // namespace puente
