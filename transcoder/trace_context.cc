#include "transcoder/trace_context.h"

#include <algorithm>

namespace puente {
namespace {

bool IsLowerHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) {
  return IsLowerHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

bool IsTraceparent(std::string_view value) {
  constexpr std::size_t kSize = 55;
  if (value.size() < kSize || value[2] != '-' || value[35] != '-' || value[52] != '-') return false;
  const std::string_view version = value.substr(0, 2);
  if (!IsLowerHex(version) || version == "ff") return false;
  const bool ends = value.size() == kSize || (version != "00" && value[kSize] == '-');
  return ends && IsId(value.substr(3, 32)) && IsId(value.substr(36, 16)) &&
         IsLowerHex(value.substr(53, 2));
}

bool ContinuesTrace(std::span<const HeaderView> headers) {
  const auto is_traceparent = [](const HeaderView& header) {
    return EqualsIgnoreCase(header.name, "traceparent");
  };
  const auto first = std::ranges::find_if(headers, is_traceparent);
  return first != headers.end() && IsTraceparent(first->value) &&
         std::none_of(first + 1, headers.end(), is_traceparent);
}

}  // namespace puente
