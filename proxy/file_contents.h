// Whole files, as the configuration names them.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

namespace puente {

// The bytes of `path`, or a sentence that names it and says why it can't be read.
tl::expected<std::string, std::string> ReadFile(const std::filesystem::path& path);

}  // namespace puente
