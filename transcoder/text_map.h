// Maps with decoded text as the key, looked up by what stands in a path.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "transcoder/uri.h"

namespace puente {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

// The value of what `raw` is when it is decoded; nullptr when there is none. Allocates only when
// `raw` holds an escape.
template <class Value>
const Value* FindDecoded(const TextMap<Value>& map, std::string_view raw) {
  if (map.empty()) return nullptr;
  const bool escaped = raw.find('%') != raw.npos;
  const auto found = escaped ? map.find(PercentDecode(raw)) : map.find(raw);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace puente
