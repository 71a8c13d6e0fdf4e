// How far a path is from a template that does not match it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "transcoder/path_template.h"

namespace puente {

// The letters that must be inserted, removed, replaced, or swapped with their neighbour to make `b`
// of `a`, case aside; nullopt when they are more than two, or as many as the longer of both has.
std::optional<int> NearbyDistance(std::string_view a, std::string_view b);

struct TemplateDistance {
  int distance;     // 0: the template matches
  std::string why;  // what differs; empty when it matches
};

// `segments` are decoded, those of the path between its slashes. nullopt: they have too little in
// common.
std::optional<TemplateDistance> DistanceTo(const PathTemplate& path_template,
                                           std::span<const std::string> segments);

}  // namespace puente
