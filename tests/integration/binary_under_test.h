// The real `puente` as a process of its own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace puente::test {

class BinaryUnderTest {
 public:
  // Starts it with these arguments.
  explicit BinaryUnderTest(const std::vector<std::string>& arguments);
  // Kills it when it still runs.
  ~BinaryUnderTest();
  BinaryUnderTest(const BinaryUnderTest&) = delete;
  BinaryUnderTest& operator=(const BinaryUnderTest&) = delete;

  void Signal(int signal) const;
  // Its exit code, or 128 and the signal that ended it; nullopt when it still runs after
  // `patience`.
  std::optional<int> WaitForExit(std::chrono::milliseconds patience = kPatience);

  // The port that its log names behind `text` ("admin on 127.0.0.1:"); 0 when it does not in time.
  std::uint16_t WaitForPort(const std::string& text) const;

  // What it has written so far.
  std::string Output() const;
  std::string Errors() const;

 private:
  std::optional<int> Poll();

  TempDir dir_;
  pid_t process_ = 0;
  std::optional<int> exit_code_;
};

// How it ended that runs to its end by itself.
struct Finished {
  int exit_code = -1;
  std::string output;
  std::string errors;
};
Finished RunBinary(const std::vector<std::string>& arguments);

}  // namespace puente::test
