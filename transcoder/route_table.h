// Finds the route of a request (design section 4, rules 2, 7, 8 and 13).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "descriptors/problems.h"
#include "transcoder/route.h"

namespace puente {

struct RouteMatch {
  const Route* route;
  std::vector<std::string> captures;  // decoded, parallel to route->variables
};
// The path is known, under other methods: for "Allow". Sorted, each once, HEAD with GET, and
// OPTIONS.
struct WrongMethod {
  std::vector<std::string> allowed;
};
struct NoRoute {};
using RouteLookup = std::variant<RouteMatch, WrongMethod, NoRoute>;

struct RouteTableOptions {
  bool ignore_trailing_slash = false;  // transcoding.trailing_slash: IGNORE
};

// Immutable once built; Match may be called from any thread.
//
// A literal goes before "*" before "**", segment by segment from the left, with backtracking, the
// HTTP method included: a more literal template that does not serve the method does not hide one
// that does. After "**" the longer row of literals goes first. A route with a verb goes before all
// without, the longest verb that the path ends with first; a verb is only one on its own route. A
// segment is split at '/' before it is decoded, so that "%2F" and "%3A" never separate; literals
// and verbs are compared decoded. "*" does not match an empty segment, "**" matches none, one or
// many, empty ones included. HEAD is served by GET's route unless the same template has one of its
// own. A route of method "*" serves what no route with the same template and the request's own
// method serves.
class RouteTable {
 public:
  // Problems: two routes that no request could tell apart (same method, verb and segments once
  // variable names are taken away), naming both.
  static Loaded<RouteTable> Build(std::vector<Route> routes, RouteTableOptions options = {});

  RouteTable(RouteTable&&) noexcept;
  RouteTable& operator=(RouteTable&&) noexcept;
  ~RouteTable();

  // `path` as SplitTarget gives it. With ignore_trailing_slash, a path that no route serves as it
  // is is looked up without its last slash, too. Takes time linear in the path where no wildcards
  // overlap, and looks at each node of the tree of templates once at most, whatever the path.
  // Allocates for captures, and where a segment holds a percent escape; no recursion.
  RouteLookup Match(std::string_view http_method, std::string_view path) const;

  // The methods that `path` is served under, as for WrongMethod; empty when it is unknown. For
  // OPTIONS.
  std::vector<std::string> AllowedMethods(std::string_view path) const;

  // In the order they were given.
  std::span<const Route> routes() const;

 private:
  struct Index;
  RouteTable();
  // nullopt where there is none to ignore.
  std::optional<std::string_view> WithoutIgnoredSlash(std::string_view path) const;

  std::unique_ptr<std::vector<Route>> routes_;  // stable addresses, also when the table is moved
  std::unique_ptr<const Index> index_;
  RouteTableOptions options_;
};

}  // namespace puente
