// Writes text to the end of a string, byte by byte through a pointer.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace puente {

// Writes `text` at `to`. For short texts, whose lengths a compiler does not know.
inline char* CopyText(std::string_view text, char* to) {
  const char* const from = text.data();
  const std::size_t size = text.size();
  const auto two = [&](auto piece) {  // they may overlap
    std::memcpy(&piece, from, sizeof piece);
    std::memcpy(to, &piece, sizeof piece);
    std::memcpy(&piece, from + size - sizeof piece, sizeof piece);
    std::memcpy(to + size - sizeof piece, &piece, sizeof piece);
  };
  if (size > 16) {
    std::memcpy(to, from, size);
  } else if (size >= 8) {
    two(std::uint64_t{});
  } else if (size >= 4) {
    two(std::uint32_t{});
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
  return to + size;
}

// Used by one thread. Until Finish, the string is longer than what was written.
class TextBuffer {
 public:
  // How much may be written beyond the room that was asked for.
  static constexpr std::size_t kSlack = 32;

  // Appends to `out`, which must outlive it, and has room for `bytes` at first.
  explicit TextBuffer(std::string& out, std::size_t bytes = 0);
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;
  // Cuts the string to what was written. Ends the buffer's use.
  void Finish() { out_.resize(kept_ + size()); }

  // Where `bytes` of text may go, and kSlack more may be written. How much there is in the end,
  // End says.
  char* Reserve(std::size_t bytes) {
    if (static_cast<std::size_t>(limit_ - end_) < bytes) [[unlikely]]
      Grow(bytes);
    return end_;
  }
  // The text ends at `end`, which lies in what Reserve gave.
  void End(char* end) { end_ = end; }

  void Append(char c) {
    *Reserve(1) = c;
    ++end_;
  }
  void Append(std::string_view text) { end_ = CopyText(text, Reserve(text.size())); }
  template <class Integer>
  void AppendInteger(Integer value, int base = 10) {
    constexpr std::size_t kLongest = 65;  // in base 2
    char* const to = Reserve(kLongest);
    end_ = std::to_chars(to, to + kLongest, value, base).ptr;
  }

  // How much has been written, what the string had before not counted.
  std::size_t size() const { return static_cast<std::size_t>(end_ - begin()); }
  // A byte that has been written.
  char& operator[](std::size_t at) { return begin()[at]; }
  // Takes back all beyond the first `size` bytes.
  void Rewind(std::size_t size) { end_ = begin() + size; }
  // Takes back all but the bytes from `first` to `last`.
  void Keep(std::size_t first, std::size_t last);

 private:
  char* begin() const { return out_.data() + kept_; }
  void Grow(std::size_t bytes);

  std::string& out_;
  const std::size_t kept_;  // what the string had before
  char* end_;
  char* limit_;  // kSlack before the end of the string
};

}  // namespace puente
