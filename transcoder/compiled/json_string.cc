#include "transcoder/compiled/json_string.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "transcoder/json_escape.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

// Both gcc and clang have these for every processor.
using Block [[gnu::vector_size(16)]] = unsigned char;
using Halves [[gnu::vector_size(16)]] = std::uint64_t;
constexpr std::ptrdiff_t kBlock = sizeof(Block);
static_assert(std::endian::native == std::endian::little);
static_assert(kBlock <= TextBuffer::kSlack);

// Texts shorter than this are not worth the start of the fast validation.
constexpr std::size_t kLong = 64;

bool IsValid(std::string_view text) {
  return text.size() < kLong ? IsUtf8(text) : simdjson::validate_utf8(text.data(), text.size());
}

enum class Plain {
  kAscii,  // all but what has to be escaped, and what is not ASCII
  kUtf8,   // all but what has to be escaped
};

// The first byte of the block that is not plain; kBlock when there is none.
template <Plain plain>
std::ptrdiff_t PlainPrefix(const Block& block) {
  auto stops = (block == '"') | (block == '\\') | (block < 0x20);
  if constexpr (plain == Plain::kAscii) stops |= block >= 0x80;
  const auto halves = (Halves)stops;
  if (halves[0] != 0) return std::countr_zero(halves[0]) / 8;
  if (halves[1] != 0) return 8 + std::countr_zero(halves[1]) / 8;
  return kBlock;
}

// Copies bytes, and writes to a few more behind them.
struct Copy {
  const char* from;
  const char* end;
  const char* readable_end;
  char* to;

  std::ptrdiff_t left() const { return end - from; }

  // Up to the first byte that is not plain.
  template <Plain plain>
  void CopyPlain() {
    for (; from < end && readable_end - from >= kBlock; from += kBlock, to += kBlock) {
      Block block;
      std::memcpy(&block, from, sizeof block);
      std::memcpy(to, &block, sizeof block);
      const std::ptrdiff_t prefix = PlainPrefix<plain>(block);
      if (prefix < kBlock || left() <= kBlock) return Advance(prefix);
    }
    CopyTail<plain>();
  }

 private:
  void Advance(std::ptrdiff_t count) {
    const std::ptrdiff_t advance = count < left() ? count : left();
    from += advance;
    to += advance;
  }
  // Where no block may be read.
  template <Plain plain>
  void CopyTail() {
    while (from < end) {
      const std::ptrdiff_t size = std::min(left(), kBlock);
      Block block = {};
      std::memcpy(&block, from, static_cast<std::size_t>(size));
      std::memcpy(to, &block, sizeof block);
      const std::ptrdiff_t prefix = PlainPrefix<plain>(block);
      Advance(prefix);
      if (prefix < size) return;
    }
  }
};

// What follows the plain part of a string.
bool AppendRest(Copy copy, TextBuffer& out) {
  bool is_valid = false;
  while (copy.from != copy.end) {
    if (static_cast<unsigned char>(*copy.from) >= 0x80) {
      is_valid = IsValid({copy.from, copy.end});
      if (!is_valid) return false;
    } else {
      out.End(copy.to);
      copy.to = out.Reserve(static_cast<std::size_t>(copy.left()) + kLongestJsonEscape + 1);
      copy.to = WriteJsonEscape(*copy.from++, copy.to);
    }
    is_valid ? copy.CopyPlain<Plain::kUtf8>() : copy.CopyPlain<Plain::kAscii>();
  }
  *copy.to++ = '"';
  out.End(copy.to);
  return true;
}

}  // namespace

bool AppendJsonString(std::string_view text, const char* readable_end, TextBuffer& out) {
  char* const begin = out.Reserve(text.size() + 2);
  *begin = '"';
  Copy copy{text.data(), text.data() + text.size(), readable_end, begin + 1};
  copy.CopyPlain<Plain::kAscii>();
  if (copy.from != copy.end) return AppendRest(copy, out);
  *copy.to++ = '"';
  out.End(copy.to);
  return true;
}

}  // namespace puente
