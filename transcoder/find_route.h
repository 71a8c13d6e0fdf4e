// The route of a request, or the answer where there is none (design section 4, rule 2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "transcoder/error.h"
#include "transcoder/route_table.h"

namespace puente {

// The route that serves `path`, as SplitTarget gives it. Errors: 404, and 405 with `Allow` where
// the path is served under other methods. TRACE and CONNECT are always 405, whatever the routes.
Result<RouteMatch> FindRoute(const RouteTable& table, std::string_view http_method,
                             std::string_view path);

// Whether the request is answered with 204 and `Allow`, without a call: OPTIONS, unless a route is
// for that method itself. A route for every method is none for OPTIONS: a browser's preflight must
// not run it.
bool AnswersOptions(std::string_view http_method, const Result<RouteMatch>& match);

// What `Allow` says in the answer to "OPTIONS *".
std::vector<std::string> AllMethods();

}  // namespace puente
