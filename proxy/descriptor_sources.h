// Where the descriptors of a configuration come from: files, and upstreams that are asked by
// reflection.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/load_config.h"
#include "descriptors/descriptor_set.h"
#include "proxy/upstreams.h"

namespace puente {

// What upstreams gave by reflection, by their names: serialized FileDescriptorSets.
using ReflectedDescriptors = std::map<std::string, std::string, std::less<>>;

// Whether every upstream of `descriptors.reflection` has given its descriptors.
bool IsComplete(const config::Config& config, const ReflectedDescriptors& reflected);

// Asks every upstream of `descriptors.reflection` once, and blocks until they have answered, for
// some seconds at most. An upstream that gives no descriptors is a problem at its line; one that
// there is a problem with already is not asked.
ReflectedDescriptors AskUpstreams(const LoadedConfig& loaded, const GrpcUpstreams& upstreams,
                                  std::vector<Problem>& problems);

// Reads the files, and merges them with what was reflected. Everything that is wrong is added to
// `problems`; nullptr then, and when the configuration names no source.
std::shared_ptr<const DescriptorSet> LoadDescriptors(const LoadedConfig& loaded,
                                                     const ReflectedDescriptors& reflected,
                                                     std::vector<Problem>& problems);

}  // namespace puente
