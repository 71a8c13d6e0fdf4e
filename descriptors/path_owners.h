// Which HTTP rule of the old version served the paths of a rule of the new one.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "descriptors/http_binding.h"

namespace puente {

// The templates of a version, by how their segments match. Templates need not be valid. Beyond 256
// forms of templates ("/a/*", "/a/*/b" and "/*/b" are three), further ones are not remembered,
// which bounds the time of a search.
class PathOwners {
 public:
  void Add(const HttpBinding& binding);

  // The rule that paths of `binding` would be taken from: the most specific one that matches them
  // all and is less specific, as "GET /v1/{id}"; "" when there is none.
  std::string TakenFrom(const HttpBinding& binding) const;

 private:
  using Rules = std::unordered_map<std::string, std::string>;  // their text, by what is literal

  std::map<std::string, Rules, std::less<>> forms_;  // the most specific first
};

}  // namespace puente
