#include "transcoder/find_route.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace puente {
namespace {

Result<RouteMatch> NotAllowed(const std::vector<std::string>& allowed) {
  Error error{Code::kUnimplemented, "the path is not served under this method", 405, {}, {}};
  error.headers.emplace_back("Allow", fmt::format("{}", fmt::join(allowed, ", ")));
  return tl::unexpected(std::move(error));
}

}  // namespace

Result<RouteMatch> FindRoute(const RouteTable& table, std::string_view http_method,
                             std::string_view path) {
  if (http_method == "TRACE" || http_method == "CONNECT") {
    return NotAllowed(table.AllowedMethods(path));
  }
  RouteLookup lookup = table.Match(http_method, path);
  if (auto* match = std::get_if<RouteMatch>(&lookup)) return std::move(*match);
  if (const auto* wrong = std::get_if<WrongMethod>(&lookup)) return NotAllowed(wrong->allowed);
  return Fail(Code::kNotFound, "no route for this path");
}

bool AnswersOptions(std::string_view http_method, const Result<RouteMatch>& match) {
  if (http_method != "OPTIONS") return false;
  return match ? match->route->http_method == "*" : match.error().HttpStatus() == 405;
}

std::vector<std::string> AllMethods() {
  return {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"};
}

}  // namespace puente
