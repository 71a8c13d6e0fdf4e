// YAML text as a tree of plain values: the only file that knows yaml-cpp.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/source_map.h"

namespace puente {

struct YamlNode {
  enum class Kind {
    kNull,      // nothing, `~` or `null`
    kScalar,    // text; numbers and the like are not told apart
    kSequence,  // of `children`
    kMapping,   // of `children`, each with its `key`; keys may repeat
    kInvalid,   // there is a problem with it already
  };

  Kind kind = Kind::kNull;
  SourceMap::Position position{};  // of the key where there is one, otherwise of the value
  std::string key;
  std::string scalar;
  bool quoted = false;  // the scalar is in quotes, or a block
  std::vector<YamlNode> children;
};

struct YamlProblem {
  SourceMap::Position position;
  std::string message;
};

struct YamlTree {
  YamlNode root;
  // What YAML allows and a configuration does not have: anchors, aliases, merge keys, tags, keys
  // that are not text, a second document.
  std::vector<YamlProblem> problems;
};

// Nesting and size of a tree are bounded.
inline constexpr int kMaxYamlDepth = 32;
inline constexpr int kMaxYamlNodes = 50'000;

// The one document of `text`; an empty text is a null. The error is the first that makes the rest
// unreadable: bad syntax, too deep, too many values.
tl::expected<YamlTree, YamlProblem> ParseYaml(std::string_view text);

}  // namespace puente
