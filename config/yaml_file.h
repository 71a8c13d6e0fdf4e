// The files that a configuration is written in.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

namespace puente {

// No text is longer, so that reading it is bounded.
inline constexpr std::size_t kMaxYamlBytes = 1 << 20;

// The bytes of `file`, or the first kMaxYamlBytes + 1 of them. The error says why it can't be read,
// without naming it.
tl::expected<std::string, std::string> ReadYamlFile(const std::filesystem::path& file);

}  // namespace puente
