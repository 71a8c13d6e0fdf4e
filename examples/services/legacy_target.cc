#include "examples/services/legacy_target.h"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace puente::examples {
namespace {

// A part of the target that is not what it should be; caught in ReadLegacyTarget alone.
struct BadEscape {};

enum class Plus { kIsItself, kIsSpace };

char ReadEscape(std::string_view digits) {
  unsigned char byte = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
  if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) throw BadEscape();
  return static_cast<char>(byte);
}

std::string Decode(std::string_view text, Plus plus) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      decoded += ReadEscape(text.substr(i + 1, 2));
      i += 2;
    } else {
      decoded += text[i] == '+' && plus == Plus::kIsSpace ? ' ' : text[i];
    }
  }
  if (!simdjson::validate_utf8(decoded)) throw BadEscape();
  return decoded;
}

// `use(part)` for each of the parts of `text` between `separator`s.
template <class Use>
void ForEachPart(std::string_view text, char separator, Use use) {
  while (true) {
    const auto end = text.find(separator);
    use(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

LegacyTarget Read(std::string_view path, std::string_view query) {
  LegacyTarget target;
  ForEachPart(path.substr(1), '/', [&](std::string_view segment) {
    target.segments.push_back(Decode(segment, Plus::kIsItself));
  });
  ForEachPart(query, '&', [&](std::string_view parameter) {
    if (parameter.empty()) return;
    const auto name = parameter.substr(0, parameter.find('='));
    const auto value = parameter.substr(std::min(name.size() + 1, parameter.size()));
    target.query.emplace_back(Decode(name, Plus::kIsSpace), Decode(value, Plus::kIsSpace));
  });
  return target;
}

// "page_size" for "pageSize", and for itself.
std::string InSnakeCase(std::string_view name) {
  std::string snake;
  for (const unsigned char c : name) {
    if (std::isupper(c) != 0) snake += '_';
    snake += static_cast<char>(std::tolower(c));
  }
  return snake;
}

}  // namespace

std::optional<std::string> LegacyTarget::Parameter(std::string_view name) const {
  const auto found = std::find_if(query.rbegin(), query.rend(), [&](const auto& parameter) {
    return InSnakeCase(parameter.first) == name;
  });
  return found == query.rend() ? std::nullopt : std::optional(found->second);
}

tl::expected<LegacyTarget, std::string> ReadLegacyTarget(std::string_view target) {
  target = target.substr(0, target.find('#'));
  if (!target.starts_with('/')) return tl::unexpected<std::string>("the target must be a path");
  const auto path = target.substr(0, target.find('?'));
  const auto query = target.substr(std::min(path.size() + 1, target.size()));
  try {
    return Read(path, query);
  } catch (const BadEscape&) {
    return tl::unexpected<std::string>("the target is not percent-encoded UTF-8");
  }
}

}  // namespace puente::examples
