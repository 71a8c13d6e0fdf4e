#include "transcoder/wire_writer.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace puente {
namespace {

constexpr std::size_t kFirstRoom = 64;

std::size_t VarintSize(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

}  // namespace

void WireWriter::Grow(std::size_t bytes) {
  const std::size_t written = used();
  bytes_.resize(std::max({written + bytes, 2 * bytes_.size(), kFirstRoom}));
  at_ = bytes_.data() + written;
  end_ = bytes_.data() + bytes_.size();
}

void WireWriter::EndLong(const Nested& nested, std::size_t length) {
  long_lengths_.push_back({nested.begin - 1, length});
  length_bytes_ += VarintSize(length) - 1;
}

void WireWriter::Rewind(const Mark& mark) {
  at_ = bytes_.data() + mark.bytes;
  long_lengths_.resize(mark.long_lengths);
  length_bytes_ = mark.length_bytes;
}

// From the end on, so that each byte is moved once.
std::string WireWriter::Finish() && {
  std::size_t from = used();
  std::size_t to = size();
  bytes_.resize(to);
  char* const bytes = bytes_.data();
  std::ranges::sort(long_lengths_, {}, &LongLength::offset);
  for (const LongLength& length : std::views::reverse(long_lengths_)) {
    const std::size_t behind = from - (length.offset + 1);
    to -= behind;
    std::memmove(bytes + to, bytes + length.offset + 1, behind);
    to -= VarintSize(length.length);
    PutVarint(length.length, bytes + to);
    from = length.offset;
  }
  return std::move(bytes_);
}

}  // namespace puente
