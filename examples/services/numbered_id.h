// Ids such as "inv-1001": a prefix and a number from 1 on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace puente::examples {

std::string MakeId(std::string_view prefix, std::uint64_t number);

// The number that MakeId made `id` of; 0 when it did not make it with this prefix.
std::uint64_t NumberOfId(std::string_view prefix, std::string_view id);

}  // namespace puente::examples
