// `puente explain`: what would become of a request (design section 2).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/load_config.h"

namespace puente {

struct ExplainArguments {
  std::string http_method;
  std::string target;
  std::vector<std::string> headers;  // "name: value"
  std::optional<std::string> body;   // JSON, or "@" and the name of a file
  bool json = false;
};

// Prints the explanation and returns the exit code: kOk when the request would be made, kRefused
// when it would not. What is wrong with the configuration is added to `problems` instead. The
// client is taken to be on this machine, without TLS; no upstream is called, save those that are
// asked for their descriptors.
int ExplainRequest(const LoadedConfig& loaded, const ExplainArguments& arguments,
                   std::vector<Problem>& problems);

}  // namespace puente
