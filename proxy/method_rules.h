// The rules of `transcoding.rules`, as bindings of the methods that they are for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/http_rules.h"
#include "config/load_config.h"
#include "descriptors/descriptor_set.h"
#include "transcoder/route.h"

namespace puente {

// Reads the file that the configuration names; no rules when it names none. What is wrong with it
// is added to `problems`, at its own lines; nullopt then.
std::optional<LoadedHttpRules> ReadRulesFile(const LoadedConfig& loaded,
                                             std::vector<Problem>& problems);

// The methods that `loaded` has rules for; the last rule for a method counts. A selector that names
// no method of `descriptors` is passed over and added to `problems`, at its line in the file and
// with the nearest name. So is one of a service that is not among `services`, those that are served
// (empty: all).
MethodRules ResolveRules(const LoadedHttpRules& loaded, const DescriptorSet& descriptors,
                         const std::vector<std::string>& services, std::vector<Problem>& problems);

}  // namespace puente
