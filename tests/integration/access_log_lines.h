// The access log of a proxy under test, line by line.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "examples/json_subset.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace puente::test {

class AccessLogLines {
 public:
  // The configuration's section that makes a proxy write it.
  std::string Config() const {
    return fmt::format("telemetry: {{access_log: {{path: \"{}\"}}}}", path());
  }
  std::string path() const { return dir_.File("access.log"); }

  std::vector<std::string> All() const {
    std::vector<std::string> lines;
    std::ifstream in(path());
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  // The first line that no call has returned yet; "" when it does not come in time.
  std::string Next() {
    std::vector<std::string> lines;
    const bool there = WaitUntil([&] {
      lines = All();
      return lines.size() > read_;
    });
    return there ? lines[read_++] : "";
  }

 private:
  const TempDir dir_;
  std::size_t read_ = 0;
};

// A line that says at least what `json` says.
MATCHER_P(Says, json, "") {
  const auto difference = examples::FindJsonDifference(json, arg);
  *result_listener << difference.value_or("");
  return !difference.has_value();
}

// A line without this key.
MATCHER_P(HasNo, key, "") { return arg.find(fmt::format("\"{}\":", key)) == std::string::npos; }

}  // namespace puente::test
