#include "examples/shell.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace puente::examples {
namespace {

struct Close {
  void operator()(std::FILE* pipe) const { pclose(pipe); }
};

}  // namespace

std::string RunInShell(const std::string& lines) {
  const std::string script = "{\n" + lines + "\n} 2>&1";
  const std::unique_ptr<std::FILE, Close> pipe(popen(script.c_str(), "re"));
  if (!pipe) return "sh: " + std::generic_category().message(errno) + "\n";
  std::string output;
  std::array<char, 4096> piece;
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), pipe.get())) {
    output.append(piece.data(), size);
  }
  return output;
}

}  // namespace puente::examples
