// What the commands of the `puente` binary exit with.
#pragma once

namespace puente {

inline constexpr int kOk = 0;
inline constexpr int kRefused = 1;  // what was asked about is not good
inline constexpr int kBadUsage = 2;

}  // namespace puente
