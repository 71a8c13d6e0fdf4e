#include "transcoder/utf8.h"

#include <cstring>

namespace puente {
namespace {

// The second byte of a character may be in [low, high]; the others in [0x80, 0xbf].
struct Lead {
  std::size_t length;
  unsigned char low, high;
};

Lead LeadOf(unsigned char byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xc2) return {0, 0, 0};
  if (byte < 0xe0) return {2, 0x80, 0xbf};
  if (byte < 0xf0) {
    const auto low = static_cast<unsigned char>(byte == 0xe0 ? 0xa0 : 0x80);
    return {3, low, static_cast<unsigned char>(byte == 0xed ? 0x9f : 0xbf)};
  }
  if (byte > 0xf4) return {0, 0, 0};
  const auto low = static_cast<unsigned char>(byte == 0xf0 ? 0x90 : 0x80);
  return {4, low, static_cast<unsigned char>(byte == 0xf4 ? 0x8f : 0xbf)};
}

// How many bytes the well-formed character at the start of `text` has; 0 when there is none.
std::size_t CharacterLength(std::string_view text) {
  const Lead lead = LeadOf(static_cast<unsigned char>(text[0]));
  if (lead.length <= 1) return lead.length;
  if (text.size() < lead.length) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if (second < lead.low || second > lead.high) return 0;
  for (std::size_t i = 2; i < lead.length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return lead.length;
}

std::size_t AsciiPrefix(std::string_view text) {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if (word & 0x8080808080808080u) break;
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i;
}

}  // namespace

std::size_t FindInvalidUtf8(std::string_view text) {
  std::size_t at = AsciiPrefix(text);
  while (at < text.size()) {
    const std::size_t length = CharacterLength(text.substr(at));
    if (length == 0) return at;
    at += length;
    at += AsciiPrefix(text.substr(at));
  }
  return std::string_view::npos;
}

std::string ReplaceInvalidUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t invalid = FindInvalidUtf8(text);
    out.append(text.substr(0, invalid));
    if (invalid == std::string_view::npos) break;
    out.append("\xEF\xBF\xBD");
    text.remove_prefix(invalid + 1);
  }
  return out;
}

void AppendUtf8(std::uint32_t code_point, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto put_rest = [&](int shift) { put(0x80 | (code_point >> shift & 0x3f)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put_rest(6);
  } else {
    put(0xf0 | code_point >> 18);
    put_rest(12);
    put_rest(6);
  }
  put_rest(0);
}

}  // namespace puente
