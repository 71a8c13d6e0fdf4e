// Media types of bodies (RFC 9110 section 8.3.1).
#pragma once

#include <string_view>

namespace puente {

// Whether a body of this Content-Type is read as JSON: application/json, anything that ends with
// "+json", or no type at all; in whatever case and with any parameters, save a charset that is not
// UTF-8.
bool IsJson(std::string_view content_type);

}  // namespace puente
