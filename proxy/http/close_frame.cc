#include "proxy/http/close_frame.h"

#include <cstddef>

#include "transcoder/utf8.h"

namespace puente {
namespace {

constexpr char kFinalClose = '\x88';
constexpr std::size_t kCodeBytes = 2;
constexpr std::size_t kMaxReasonBytes = 123;

std::string ReasonOf(std::string_view text) {
  std::string reason = ReplaceInvalidUtf8(text);
  if (reason.size() <= kMaxReasonBytes) return reason;
  std::size_t end = kMaxReasonBytes;
  while ((static_cast<unsigned char>(reason[end]) & 0xC0) == 0x80) --end;
  reason.resize(end);
  return reason;
}

}  // namespace

std::string CloseFrame(std::uint16_t code, std::string_view text) {
  const std::string reason = ReasonOf(text);
  std::string frame{kFinalClose, static_cast<char>(kCodeBytes + reason.size()),
                    static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return frame + reason;
}

}  // namespace puente
