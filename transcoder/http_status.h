// What HTTP statuses are called.
#pragma once

#include <string_view>

namespace puente {

// The reason phrase of RFC 9110, section 15, or of the RFC that registered the status; that of
// nginx for 499. Empty for a status that nobody has registered.
std::string_view ReasonPhrase(int status);

}  // namespace puente
