#include "tests/integration/binary_under_test.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace puente::test {
namespace {

std::string ReadAll(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

BinaryUnderTest::BinaryUnderTest(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{PUENTE_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, dir_.File("out").c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, dir_.File("err").c_str(), kWrite, 0600);
  const int failed = posix_spawn(&process_, PUENTE_BINARY, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " PUENTE_BINARY);
}

BinaryUnderTest::~BinaryUnderTest() {
  if (Poll()) return;
  Signal(SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void BinaryUnderTest::Signal(int signal) const { ::kill(process_, signal); }

std::optional<int> BinaryUnderTest::Poll() {
  int status = 0;
  if (!exit_code_ && ::waitpid(process_, &status, WNOHANG) == process_) {
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return exit_code_;
}

std::optional<int> BinaryUnderTest::WaitForExit(std::chrono::milliseconds patience) {
  WaitUntil([&] { return Poll().has_value(); }, patience);
  return exit_code_;
}

std::uint16_t BinaryUnderTest::WaitForPort(const std::string& text) const {
  unsigned long port = 0;
  WaitUntil([&] {
    const std::string log = Errors();
    const auto at = log.find(text);
    if (at == std::string::npos || log.find('\n', at) == std::string::npos) return false;
    port = std::stoul(log.substr(at + text.size()));
    return true;
  });
  return static_cast<std::uint16_t>(port);
}

std::string BinaryUnderTest::Output() const { return ReadAll(dir_.File("out")); }
std::string BinaryUnderTest::Errors() const { return ReadAll(dir_.File("err")); }

Finished RunBinary(const std::vector<std::string>& arguments) {
  BinaryUnderTest binary(arguments);
  const auto exit_code = binary.WaitForExit();
  return {exit_code.value_or(-1), binary.Output(), binary.Errors()};
}

}  // namespace puente::test
