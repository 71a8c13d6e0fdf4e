#include "tests/support/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace puente::test {
namespace {

std::string ReadAll(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

ChildProcess::ChildProcess(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, dir_.File("out").c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, dir_.File("err").c_str(), kWrite, 0600);
  const int failed =
      posix_spawnp(&process_, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + program);
}

ChildProcess::~ChildProcess() {
  if (Poll()) return;
  Signal(SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void ChildProcess::Signal(int signal) const { ::kill(process_, signal); }

std::optional<int> ChildProcess::Poll() {
  int status = 0;
  if (!exit_code_ && ::waitpid(process_, &status, WNOHANG) == process_) {
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return exit_code_;
}

std::optional<int> ChildProcess::WaitForExit(std::chrono::milliseconds patience) {
  WaitUntil([&] { return Poll().has_value(); }, patience);
  return exit_code_;
}

std::uint16_t ChildProcess::WaitForPort(const std::string& text) const {
  unsigned long port = 0;
  WaitUntil([&] {
    const std::string log = Errors() + Output();
    const auto at = log.find(text);
    if (at == std::string::npos || log.find('\n', at) == std::string::npos) return false;
    port = std::stoul(log.substr(at + text.size()));
    return true;
  });
  return static_cast<std::uint16_t>(port);
}

std::size_t ChildProcess::PeakMemory() const {
  constexpr std::string_view kPeak = "VmHWM:";  // in KiB
  const std::string status = ReadAll("/proc/" + std::to_string(process_) + "/status");
  const auto at = status.find(kPeak);
  return at == std::string::npos ? 0 : std::stoul(status.substr(at + kPeak.size())) << 10;
}

std::string ChildProcess::Output() const { return ReadAll(dir_.File("out")); }
std::string ChildProcess::Errors() const { return ReadAll(dir_.File("err")); }

}  // namespace puente::test
