// The pieces that header fields with structured values are made of (RFC 9110 section 5.6).
#pragma once

#include <optional>
#include <string_view>

namespace puente {

// `text` without the spaces and tabs around it.
std::string_view TrimHeaderValue(std::string_view text);

// Cuts from `rest` what stands before its first `separator` outside of quoted strings, and the
// separator with it; all of it when there is none. The piece comes trimmed, and may be empty.
// nullopt: a quoted string does not end; `rest` is then empty. Taking a value apart to its end is
// linear in its length.
std::optional<std::string_view> TakeElement(std::string_view& rest, char separator);

}  // namespace puente
