// HTTP messages as plain values, free of any HTTP library.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace puente {

// A header field of a request. Views into the bytes that were received; names as the client spelled
// them.
struct HeaderView {
  std::string_view name;
  std::string_view value;  // without the white space around it
};

// A header field that owns its text: those of responses, and of metadata.
struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

// ASCII case does not count; as header names and media types are compared.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// Whether `text` is printable ASCII, spaces included: what a header's value may be made of.
bool IsPrintableAscii(std::string_view text);

// Whether `text` holds a control character: what is below a space, tabs included, or DEL.
bool HasControls(std::string_view text);

// The value of the first field called `name`, or nullptr.
const std::string_view* FindHeader(std::span<const HeaderView> headers, std::string_view name);

}  // namespace puente
