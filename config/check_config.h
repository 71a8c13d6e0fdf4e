// Checks that what a configuration says fits together.
#pragma once

#include "config/findings.h"
#include "config/puente.pb.h"

namespace puente {

// Finds, in a configuration with its defaults: what CheckBounds finds, addresses and method names
// that are malformed, names that are there twice, keys that need or exclude each other, and routes
// to upstreams that do not exist. Opens no file and looks up no name.
void CheckConfig(const config::Config& config, Findings& findings);

}  // namespace puente
