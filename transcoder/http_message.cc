#include "transcoder/http_message.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace puente {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// Eight bytes in one word, whatever their order.
using Word = std::uint64_t;
constexpr std::size_t kWord = sizeof(Word);
constexpr Word kOnes = ~Word{0} / 0xff;  // each byte is 1
constexpr Word kHighBits = kOnes * 0x80;

// Whether the predicate holds for all words of `text`; the last is filled up with spaces, or
// overlaps the one before it.
template <class Predicate>
bool AllWords(std::string_view text, Predicate predicate) {
  Word word = kOnes * ' ';
  if (text.size() < kWord) {
    std::memcpy(&word, text.data(), text.size());
    return predicate(word);
  }
  for (std::size_t at = 0; at + kWord <= text.size(); at += kWord) {
    std::memcpy(&word, text.data() + at, kWord);
    if (!predicate(word)) return false;
  }
  std::memcpy(&word, text.data() + text.size() - kWord, kWord);
  return predicate(word);
}

// Not 0 when a byte of the word is below a space, or DEL.
Word Controls(Word word) {
  const Word below_space = (word - kOnes * ' ') & ~word;
  const Word other_than_del = word ^ kOnes * 0x7f;
  const Word del = (other_than_del - kOnes) & ~other_than_del;
  return (below_space | del) & kHighBits;
}

}  // namespace

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}

bool IsPrintableAscii(std::string_view text) {
  return AllWords(text, [](Word word) { return (Controls(word) | (word & kHighBits)) == 0; });
}

bool HasControls(std::string_view text) {
  return !AllWords(text, [](Word word) { return Controls(word) == 0; });
}

const std::string_view* FindHeader(std::span<const HeaderView> headers, std::string_view name) {
  const auto found = std::ranges::find_if(
      headers, [name](const HeaderView& header) { return EqualsIgnoreCase(header.name, name); });
  return found == headers.end() ? nullptr : &found->value;
}

}  // namespace puente
