// Whole files, as the configuration names them.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <tl/expected.hpp>

namespace puente {

// The bytes of `path`, or a sentence that names it and says why it can't be read.
tl::expected<std::string, std::string> ReadFile(const std::filesystem::path& path);

// All that something is made of: its `configuration`, and the bytes of the files that this names.
// An empty name stands for none, as does one that can't be read. Equal means that it need not be
// made anew.
std::string MaterialOf(std::string configuration, std::initializer_list<std::string> files);

}  // namespace puente
