// Cuts a fuzz input as a connection might deliver it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace puente::fuzz {

// The sizes of reads, from the first bytes of the input.
class Reads {
 public:
  explicit Reads(std::string_view sizes) : sizes_(sizes) {}
  std::size_t Next() {
    return sizes_.empty() ? SIZE_MAX
                          : 1 + static_cast<std::uint8_t>(sizes_[next_++ % sizes_.size()]);
  }

 private:
  const std::string_view sizes_;
  std::size_t next_ = 0;
};

}  // namespace puente::fuzz
