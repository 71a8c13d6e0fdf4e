// The rules of `transcoding.rules`, as bindings of the methods that they are for.
#pragma once

#include <optional>
#include <vector>

#include "config/load_config.h"
#include "descriptors/descriptor_set.h"
#include "transcoder/route.h"

namespace puente {

// Reads the file that the configuration names; no rules when it names none. What is wrong with it
// is added to `problems`, at its own lines; nullopt then. A selector that names no method of
// `descriptors` is wrong, too, unless they are not `complete` yet. The last rule for a method
// counts.
std::optional<MethodRules> LoadMethodRules(const LoadedConfig& loaded,
                                           const DescriptorSet& descriptors, bool complete,
                                           std::vector<Problem>& problems);

}  // namespace puente
