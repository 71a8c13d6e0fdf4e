#include "proxy/file_contents.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace puente {

tl::expected<std::string, std::string> ReadFile(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad() || !file.is_open() || std::filesystem::is_directory(path)) {
    return tl::unexpected(fmt::format("can't read {}: {}", path.string(),
                                      errno != 0 ? std::strerror(errno) : "not a file"));
  }
  return bytes;
}

}  // namespace puente
