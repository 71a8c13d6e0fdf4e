// Comparing JSON answers with what they must at least say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace puente::examples {

// nullopt when `actual` says all that `expected` says: an object has at least the keys of the
// expected one, an array as many elements, and everything else is the same value, however it is
// written. Otherwise where they first differ and how: "invoices[1].status: expected "STATUS_PAID",
// is "STATUS_OPEN"". Text that is not JSON is a difference.
std::optional<std::string> FindJsonDifference(std::string_view expected, std::string_view actual);

}  // namespace puente::examples
