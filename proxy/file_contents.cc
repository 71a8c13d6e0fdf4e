#include "proxy/file_contents.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace puente {
namespace {

std::string CannotRead(const std::filesystem::path& path, int error) {
  return fmt::format("can't read {}: {}", path.string(),
                     error != 0 ? std::strerror(error) : "not a file");
}

}  // namespace

tl::expected<std::string, std::string> ReadFile(const std::filesystem::path& path) {
  // A directory opens like a file, and then throws when it is read.
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored)) {
    return tl::unexpected(CannotRead(path, EISDIR));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return tl::unexpected(CannotRead(path, errno));
  std::string bytes;
  std::array<char, 65536> part;
  while (file.read(part.data(), part.size()), file.gcount() > 0) {
    bytes.append(part.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return tl::unexpected(CannotRead(path, errno));
  return bytes;
}

std::string MaterialOf(std::string configuration, std::initializer_list<std::string> files) {
  for (const std::string& file : files) {
    configuration += '\0';
    if (file.empty()) continue;
    if (const auto content = ReadFile(file)) configuration += *content;
  }
  return configuration;
}

}  // namespace puente
