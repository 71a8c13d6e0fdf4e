// How a case is run against a product, and judged.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/compat/compat_case.h"
#include "tests/compat/compat_upstream.h"

namespace puente::test {

// Sends the case's request to 127.0.0.1:`port`, where `product` stands in front of `upstream`, and
// expects its outcome. nullopt: the product did not load the case's service. A failure says, in the
// form of a case, what came instead.
void CheckCase(const CompatCase& compat_case, Product product, std::optional<std::uint16_t> port,
               CompatUpstream& upstream);

}  // namespace puente::test
