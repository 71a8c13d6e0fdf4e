#include "proxy/presentable.h"

#include <algorithm>
#include <cstddef>

#include "transcoder/utf8.h"

namespace puente {
namespace {

constexpr std::size_t kLongestText = 300;

}  // namespace

std::string Presentable(std::string_view text) {
  std::string line = ReplaceInvalidUtf8(text.substr(0, kLongestText));
  std::ranges::replace_if(
      line, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text.size() > kLongestText ? line + "…" : line;
}

}  // namespace puente
