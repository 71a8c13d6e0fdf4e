// Rule 13: an API as text, and what checking its routes says.
#pragma once

#include <string>
#include <vector>

namespace puente::test {

// An API of the package api.v1 whose service Api has these methods, each `rpc …` in full. Its
// requests are of the type Req, its answers of the type Res (see load_check.cc).
struct LoadCase {
  std::string name;
  std::string methods;
  // What is wrong: one list for each problem, of parts of its text.
  std::vector<std::vector<std::string>> problems = {};
  std::string transcoding = {};  // keys, in flow style
};
void PrintTo(const LoadCase& rule, std::ostream* out);

// "rpc Name(Req) returns (Res)" with this google.api.http rule.
std::string Rpc(const std::string& name, const std::string& rule);

// Checks that configuration as `puente check` does, and compares what it finds.
void CheckLoad(const std::string& codec, const LoadCase& rule);

}  // namespace puente::test
