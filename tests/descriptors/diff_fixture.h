// What differs between two .proto sources, as lines.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <vector>

#include "descriptors/descriptor_diff.h"
#include "tests/testdata/compile_protos.h"

namespace puente::testing {

inline std::vector<std::string> Show(const std::vector<Change>& changes) {
  std::vector<std::string> lines;
  for (const Change& change : changes) {
    lines.push_back(fmt::format("{} {} {}: {}", change.breaking ? "BREAKING" : "info",
                                Name(change.kind), change.element, change.text));
  }
  return lines;
}

inline std::vector<std::string> Diff(const std::string& before, const std::string& after) {
  return Show(DiffDescriptors(*LoadProto(before), *LoadProto(after)));
}

struct DiffCase {
  const char* name;
  std::string before, after;
  std::vector<std::string> changes;
};

inline void PrintTo(const DiffCase& test, std::ostream* out) { *out << test.name; }

}  // namespace puente::testing
