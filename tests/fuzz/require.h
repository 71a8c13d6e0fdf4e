// How a fuzz target says that something does not hold.
#pragma once

#include <cstdlib>

namespace puente::fuzz {

inline void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace puente::fuzz
