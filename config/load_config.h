// From the text of a configuration file to a Config that is complete and checked.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/env_expansion.h"
#include "config/problem.h"
#include "config/puente.pb.h"
#include "config/source_map.h"

namespace puente {

struct LoadedConfig {
  // With all defaults filled in, and file paths made relative to the current directory (or
  // absolute) where the configuration file has them relative to itself.
  config::Config config;
  SourceMap positions;
};

// The configuration as far as it could be read, and all that is wrong with it (a list keeps its
// length: an element that could not be read is empty, and should be passed over). The caller goes
// on to check what the configuration leads to (descriptors, certificates, routes), adds what it
// finds by `loaded.positions.At(key, message)`, sorts with SortByPosition, and reports everything
// at once. The configuration may be run only when there are no problems.
struct LoadResult {
  LoadedConfig loaded;
  std::vector<Problem> problems;  // sorted by line

  bool ok() const { return problems.empty(); }
};

// Reads, completes and checks the file. Files above 1 MiB, 50,000 values or 32 levels are
// refused, so that time and memory are bounded whatever is in it.
LoadResult LoadConfigFile(const std::filesystem::path& file,
                          const Environment& environment = ProcessEnvironment);

// The same for text that is in memory. `file_name` stands in messages, and its folder is what file
// paths are relative to.
LoadResult ParseConfig(std::string_view text, std::string_view file_name,
                       const Environment& environment);

// Completes and checks a configuration that was put together by other means than a file. `origin`
// stands in messages for the file's name ("command line"). File paths stay as they are.
LoadResult CompleteConfig(config::Config config, std::string_view origin);

}  // namespace puente
