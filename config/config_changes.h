// What is other in one configuration than in another, and what of that can be applied while the
// process runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "config/puente.pb.h"
#include "config/source_map.h"

namespace puente {

struct ConfigChange {
  // In the newer configuration: "routes[0].split.backends[1].weight". Of an element with a name
  // that is gone, the list.
  std::string key;
  std::string name;  // of an element that was added to a list, or is gone; otherwise ""
  std::string text;  // "5 -> 20", "added", "removed", "changed", "order changed"; never a secret

  bool operator==(const ConfigChange&) const = default;
};

// "routes[0].split.backends[1].weight: 5 -> 20", "upstreams[1] (legacy): added", "upstreams
// (legacy): removed".
std::string ToString(const ConfigChange& change);

// One for each key, by the order of puente.proto; none exactly when both say the same. Both have
// their defaults filled in. Elements of lists are matched by their names (routes by what they
// match, backends by their upstream), where all of them have names that differ, and else by their
// place. What is long or can't be printed, and whatever may hold a credential, is only `changed`.
std::vector<ConfigChange> CompareConfigs(const config::Config& before, const config::Config& after);

// Why `key` ("listeners[0].tls") can't be changed while the process runs; "" when it can.
std::string_view RestartReason(std::string_view key);

// A problem, with its place in the newer configuration, for each of `changes` that needs a restart.
// `positions` are those of the newer configuration.
std::vector<Problem> NeedsRestart(const std::vector<ConfigChange>& changes,
                                  const SourceMap& positions);

}  // namespace puente
