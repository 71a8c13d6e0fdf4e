#include "transcoder/uri.h"

#include <fmt/format.h>

#include <algorithm>

namespace puente {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that the escape at text[at] stands for; -1 when there is no well-formed one.
int EscapedByte(std::string_view text, std::size_t at) {
  if (text[at] != '%' || text.size() - at < 3) return -1;
  const int high = HexValue(text[at + 1]);
  const int low = HexValue(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool IsPrintableAscii(char c) { return c > ' ' && c < '\x7f'; }

tl::unexpected<Error> Refuse(std::string_view name, std::string_view what) {
  return Fail(Code::kInvalidArgument, fmt::format("the {} holds {}", name, what));
}

Result<void> CheckBytes(std::string_view part, std::string_view name) {
  if (!std::ranges::all_of(part, IsPrintableAscii)) {
    return Refuse(name, "a byte outside of printable ASCII");
  }
  if (part.find('#') != part.npos) return Refuse(name, "a '#'");
  return CheckEscapes(part, name);
}

bool IsDotSegment(std::string_view segment) {
  constexpr std::size_t kLongest = std::string_view("%2E%2E").size();
  if (segment.empty() || segment.size() > kLongest) return false;
  const std::string decoded = PercentDecode(segment);
  return decoded == "." || decoded == "..";
}

bool HasDotSegment(std::string_view path) {
  for (std::size_t slash = 0; slash != path.npos;) {
    const std::size_t next = path.find('/', slash + 1);
    const std::size_t end = next == path.npos ? path.size() : next;
    if (IsDotSegment(path.substr(slash + 1, end - slash - 1))) return true;
    slash = next;
  }
  return false;
}

}  // namespace

Result<Target> SplitTarget(std::string_view target) {
  if (!target.starts_with('/')) {
    return Fail(Code::kInvalidArgument, "the request target does not begin with '/'");
  }
  const std::size_t mark = target.find('?');
  Target split{target.substr(0, mark), {}};
  if (mark != target.npos) split.query = target.substr(mark + 1);
  if (auto ok = CheckBytes(split.path, "path"); !ok) return tl::unexpected(ok.error());
  if (auto ok = CheckBytes(split.query, "query"); !ok) return tl::unexpected(ok.error());
  if (HasDotSegment(split.path)) {
    return Fail(Code::kInvalidArgument, "the path has a segment that is '.' or '..'");
  }
  return split;
}

Result<void> CheckEscapes(std::string_view text, std::string_view name) {
  if (text.find('\0') != text.npos) return Refuse(name, "a NUL");
  for (std::size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
    const int byte = EscapedByte(text, at);
    if (byte < 0) return Refuse(name, "a malformed percent escape");
    if (byte == 0) return Refuse(name, "an encoded NUL");
  }
  return {};
}

std::string PercentDecode(std::string_view text, Decoding decoding) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t escape = std::min(text.find('%', at), text.size());
    decoded.append(text, at, escape - at);
    at = escape;
    if (at == text.size()) break;
    const int byte = EscapedByte(text, at);
    if (byte == '/' && decoding == Decoding::kExceptSlash) {
      decoded += "%2F";
    } else {
      decoded += byte < 0 ? '%' : static_cast<char>(byte);
    }
    at += byte < 0 ? 1 : 3;
  }
  return decoded;
}

bool HasPathPrefix(std::string_view path, std::string_view prefix) {
  if (path.starts_with(prefix)) return true;
  std::size_t at = 0;
  for (const char expected : prefix) {
    if (at >= path.size()) return false;
    const int escaped = EscapedByte(path, at);
    const bool is_plain = path[at] == expected && escaped < 0;
    if (!is_plain && (escaped == '/' || escaped != static_cast<unsigned char>(expected))) {
      return false;
    }
    at += is_plain ? 1 : 3;
  }
  return true;
}

bool HasHiddenDotSegment(std::string_view path) {
  if (path.find_first_of("%\\") == path.npos) return false;
  std::string decoded = PercentDecode(path);
  std::ranges::replace(decoded, '\\', '/');
  return HasDotSegment(decoded);
}

std::string QueryDecode(std::string_view text, bool plus_is_space) {
  if (!plus_is_space) return PercentDecode(text);
  std::string spaced(text);
  for (char& c : spaced) {
    if (c == '+') c = ' ';
  }
  return PercentDecode(spaced);
}

}  // namespace puente
