// What others say, for people to read.
#pragma once

#include <string>
#include <string_view>

namespace puente {

// `text` of an upstream or a collector as one line of valid UTF-8, and not a long one.
std::string Presentable(std::string_view text);

}  // namespace puente
