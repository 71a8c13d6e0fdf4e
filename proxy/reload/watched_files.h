// Which files a configuration consists of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/puente.pb.h"

namespace puente {

// `config_file`, unless it is empty (a configuration that comes from the command line), and every
// file that a key of `config` names for reading: descriptors, HTTP rules, certificates, keys,
// authorities. Not those that Puente writes. Sorted, each once; they need not exist.
std::vector<std::string> WatchedFiles(std::string_view config_file, const config::Config& config);

}  // namespace puente
