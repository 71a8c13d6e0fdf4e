// A program as a process of its own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace puente::test {

class ChildProcess {
 public:
  // Starts `program`, a path or a name to be found in PATH, with these arguments. Throws
  // std::runtime_error when it can't.
  ChildProcess(const std::string& program, const std::vector<std::string>& arguments);
  // Kills it when it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void Signal(int signal) const;
  // Its exit code, or 128 and the signal that ended it; nullopt when it still runs after
  // `patience`.
  std::optional<int> WaitForExit(std::chrono::milliseconds patience = kPatience);

  // The port that its output names behind `text` ("admin on 127.0.0.1:"); 0 when it does not in
  // time.
  std::uint16_t WaitForPort(const std::string& text) const;

  // The most memory that it has had so far, in bytes; 0 when it has ended.
  std::size_t PeakMemory() const;

  // What it has written so far.
  std::string Output() const;
  std::string Errors() const;

 private:
  std::optional<int> Poll();

  TempDir dir_;
  pid_t process_ = 0;
  std::optional<int> exit_code_;
};

}  // namespace puente::test
