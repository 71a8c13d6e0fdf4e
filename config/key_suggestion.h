// What somebody who wrote an unknown key may have meant.
#pragma once

#include <google/protobuf/descriptor.h>

#include <span>
#include <string>
#include <string_view>

namespace puente {

struct KeySuggestion {
  std::string key;   // the key of the same section that is nearest; empty when none is near
  std::string text;  // "did you mean `target`?"
};

// `key` is not one of `section`. Suggests the nearest key of the section; else, in puente.proto,
// the sections that do have the key; else lists the keys of the section.
KeySuggestion SuggestKey(const google::protobuf::Descriptor& section, std::string_view key);

// The one of `names` that `text` was most likely meant to be, case and separators aside; empty when
// none is near, or the text is longer than any name should be. Takes time in proportion to the
// letters of the text times those of all names.
std::string_view NearestName(std::span<const std::string> names, std::string_view text);

}  // namespace puente
