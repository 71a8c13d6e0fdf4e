// The route of a request, or the answer where there is none (design section 4, rule 2).
#pragma once

#include <string_view>

#include "transcoder/error.h"
#include "transcoder/route_table.h"

namespace puente {

// The route that serves `path`, as SplitTarget gives it. Errors: 404, and 405 with `Allow` where
// the path is served under other methods. TRACE and CONNECT are always 405, whatever the routes.
Result<RouteMatch> FindRoute(const RouteTable& table, std::string_view http_method,
                             std::string_view path);

}  // namespace puente
