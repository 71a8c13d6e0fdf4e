// The header If-Match (RFC 9110, section 13.1.1).
#pragma once

#include <string_view>

namespace puente {

// Whether `if_match` is "*", or a list in which `etag` (strong, with its quotes) stands. Weak
// entity tags match nothing.
bool MatchesETag(std::string_view if_match, std::string_view etag);

}  // namespace puente
