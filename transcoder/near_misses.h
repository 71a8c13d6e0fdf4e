// What somebody may have meant whose request finds no route: for a person who debugs a 404 or 405.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "transcoder/route_table.h"

namespace puente {

struct NearMiss {
  const Route* route;
  std::string why;  // "matches up to segment 3, then `lines` is one too many"
  int distance;     // how far the request is from the route
};

// At most 5 routes, the nearest first; of equally near ones the first in the table. Finds the same
// path under other methods or with or without its last slash; literals and verbs that differ in
// case or in at most two letters; templates that match all but the last one or two segments, or but
// for the verb; and automatic routes of a method that the path names. `path` as SplitTarget gives
// it; nothing is found for a path of more than 100 segments. Takes time linear in the routes.
std::vector<NearMiss> FindNearMisses(const RouteTable& table, std::string_view http_method,
                                     std::string_view path);

}  // namespace puente
