// The real `puente` as a process of its own.
#pragma once

#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace puente::test {

class BinaryUnderTest : public ChildProcess {
 public:
  explicit BinaryUnderTest(const std::vector<std::string>& arguments)
      : ChildProcess(PUENTE_BINARY, arguments) {}
};

// How it ended that runs to its end by itself.
struct Finished {
  int exit_code = -1;
  std::string output;
  std::string errors;
};

inline Finished RunBinary(const std::vector<std::string>& arguments) {
  BinaryUnderTest binary(arguments);
  const auto exit_code = binary.WaitForExit();
  return {exit_code.value_or(-1), binary.Output(), binary.Errors()};
}

}  // namespace puente::test
