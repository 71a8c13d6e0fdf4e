#include "config/yaml_file.h"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace puente {

tl::expected<std::string, std::string> ReadYamlFile(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    return tl::unexpected(std::string("can't be read: it is a directory"));
  }
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMaxYamlBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    return tl::unexpected("can't be read: " + std::generic_category().message(errno));
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

}  // namespace puente
