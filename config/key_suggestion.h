// What somebody who wrote an unknown key may have meant.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

namespace puente {

struct KeySuggestion {
  std::string key;   // the key of the same section that is nearest; empty when none is near
  std::string text;  // "did you mean `target`?"
};

// `key` is not one of `section`, a message of puente.proto. Suggests the nearest key of the
// section; else the sections that do have the key; else lists the keys of the section.
KeySuggestion SuggestKey(const google::protobuf::Descriptor& section, std::string_view key);

}  // namespace puente
