// How a case is run against a product, and judged.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "tests/compat/compat_case.h"
#include "tests/compat/compat_upstream.h"

namespace puente::test {

// The port of 127.0.0.1 where a product serves, or why it does not load the service.
using Served = tl::expected<std::uint16_t, std::string>;

// Sends the case's request to `product`, which stands in front of `upstream`, and expects its
// outcome. A failure says, in the form of a case, what came instead.
void CheckCase(const CompatCase& compat_case, Product product, const Served& served,
               CompatUpstream& upstream);

}  // namespace puente::test
