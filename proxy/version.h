#pragma once

#include <string_view>

namespace puente {

inline constexpr std::string_view kVersion = PUENTE_VERSION;

}  // namespace puente
