#pragma once

#include <string_view>

namespace puente {

// Whether `text` is well-formed UTF-8 (RFC 3629) without control characters (U+0000 to U+001F,
// U+007F).
bool IsPrintableUtf8(std::string_view text);

}  // namespace puente
