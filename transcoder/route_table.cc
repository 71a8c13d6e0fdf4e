#include "transcoder/route_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "transcoder/path_trie.h"
#include "transcoder/text_map.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

// The routes of one shape, which differ in their method.
class Methods {
 public:
  void Add(const Route& route) { routes_.push_back(&route); }

  const Route* Serving(std::string_view http_method) const {
    if (const Route* route = Of(http_method)) return route;
    if (http_method == "HEAD") {
      if (const Route* route = Of("GET")) return route;
    }
    return Of("*");
  }

  void AddTo(std::set<std::string>& names) const {
    for (const Route* route : routes_) {
      if (route->http_method == "*") {
        names.insert({"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"});
      } else {
        names.insert(route->http_method);
      }
      if (route->http_method == "GET") names.insert("HEAD");
    }
  }

 private:
  const Route* Of(std::string_view http_method) const {
    for (const Route* route : routes_) {
      if (route->http_method == http_method) return route;
    }
    return nullptr;
  }

  std::vector<const Route*> routes_;
};

// The routes of one verb.
struct VerbRoutes {
  PathTrie trie;
  std::vector<Methods> leaves;

  void Add(const Route& route) {
    const std::size_t leaf = trie.Insert(route.path.segments);
    if (leaf >= leaves.size()) leaves.resize(leaf + 1);
    leaves[leaf].Add(route);
  }
};

// Where the colon is that leaves `colons` more after it in the last segment; the first colon of the
// segment where it has fewer, npos where it has none.
std::size_t FindColon(std::string_view path, std::size_t colons) {
  std::size_t found = path.npos;
  for (std::size_t at = path.size(); at > 0 && path[at - 1] != '/'; --at) {
    if (path[at - 1] != ':') continue;
    found = at - 1;
    if (colons-- == 0) break;
  }
  return found;
}

// The part of `path` that one variable covers is between two slashes, or a slash and the end.
std::string Capture(std::string_view path, std::size_t begin, std::size_t end, bool multi_segment) {
  if (begin >= end) return "";
  return PercentDecode(path.substr(begin + 1, end - begin - 1),
                       multi_segment ? Decoding::kExceptSlash : Decoding::kAll);
}

std::vector<std::string> Captures(const PathTemplate& path_template, std::string_view path,
                                  std::size_t multi_end) {
  std::vector<std::string> captures;
  captures.reserve(path_template.variables.size());
  std::size_t segment = 0;
  std::size_t at = 0;
  const auto advance_to = [&](std::size_t target) {
    for (; segment < target; ++segment) {
      const bool multi = path_template.segments[segment].kind == PathTemplate::SegmentKind::kMulti;
      at = multi ? multi_end : std::min(path.find('/', at + 1), path.size());
    }
    return at;
  };
  for (const PathTemplate::Variable& variable : path_template.variables) {
    const std::size_t begin = advance_to(variable.first);
    const std::size_t end = advance_to(variable.first + variable.count);
    captures.push_back(Capture(path, begin, end, variable.multi_segment));
  }
  return captures;
}

}  // namespace

struct RouteTable::Index {
  TextMap<VerbRoutes> verbs;  // without those of no verb
  VerbRoutes no_verb;
  std::size_t colons_in_verbs = 0;  // in the one that has most

  void Add(const Route& route) {
    const std::string& verb = route.path.verb;
    if (verb.empty()) return no_verb.Add(route);
    colons_in_verbs = std::max<std::size_t>(colons_in_verbs, std::ranges::count(verb, ':'));
    verbs[verb].Add(route);
  }

  // Calls visit(routes of a verb, path without that verb) for every verb that the path may end
  // with, longest first, and last for none; until it returns true.
  template <class Visit>
  void ForEachVerb(std::string_view path, Visit visit) const {
    if (!path.starts_with('/')) return;
    std::size_t colon = verbs.empty() ? path.npos : FindColon(path, colons_in_verbs);
    for (; colon != path.npos; colon = path.find(':', colon + 1)) {
      const VerbRoutes* found = FindDecoded(verbs, path.substr(colon + 1));
      if (found != nullptr && visit(*found, path.substr(0, colon))) return;
    }
    visit(no_verb, path == "/" ? std::string_view() : path);
  }

  RouteLookup Find(std::string_view http_method, std::string_view path) const;
  void AddAllowed(std::string_view path, std::set<std::string>& names) const;
};

RouteLookup RouteTable::Index::Find(std::string_view http_method, std::string_view path) const {
  RouteLookup lookup = NoRoute{};
  ForEachVerb(path, [&](const VerbRoutes& routes, std::string_view rest) {
    PathTrie::Walk walk(routes.trie, rest);
    while (auto hit = walk.Next()) {
      const Route* route = routes.leaves[hit->leaf].Serving(http_method);
      if (route == nullptr) continue;
      lookup = RouteMatch{route, Captures(route->path, rest, hit->multi_end)};
      return true;
    }
    return false;
  });
  return lookup;
}

void RouteTable::Index::AddAllowed(std::string_view path, std::set<std::string>& names) const {
  ForEachVerb(path, [&](const VerbRoutes& routes, std::string_view rest) {
    PathTrie::Walk walk(routes.trie, rest);
    while (auto hit = walk.Next()) routes.leaves[hit->leaf].AddTo(names);
    return false;
  });
}

RouteTable::RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;
RouteTable::~RouteTable() = default;

Loaded<RouteTable> RouteTable::Build(std::vector<Route> routes, RouteTableOptions options) {
  if (Problems problems = FindDuplicates(routes); !problems.empty()) {
    return tl::unexpected(std::move(problems));
  }
  RouteTable table;
  table.options_ = options;
  table.routes_ = std::make_unique<std::vector<Route>>(std::move(routes));
  auto index = std::make_unique<Index>();
  for (const Route& route : *table.routes_) index->Add(route);
  table.index_ = std::move(index);
  return table;
}

std::optional<std::string_view> RouteTable::WithoutIgnoredSlash(std::string_view path) const {
  if (!options_.ignore_trailing_slash || path.size() < 2 || !path.ends_with('/')) {
    return std::nullopt;
  }
  return path.substr(0, path.size() - 1);
}

RouteLookup RouteTable::Match(std::string_view http_method, std::string_view path) const {
  RouteLookup lookup = index_->Find(http_method, path);
  const auto bare = WithoutIgnoredSlash(path);
  if (std::holds_alternative<NoRoute>(lookup) && bare) lookup = index_->Find(http_method, *bare);
  if (!std::holds_alternative<NoRoute>(lookup)) return lookup;
  if (auto allowed = AllowedMethods(path); !allowed.empty()) {
    return WrongMethod{std::move(allowed)};
  }
  return NoRoute{};
}

std::vector<std::string> RouteTable::AllowedMethods(std::string_view path) const {
  std::set<std::string> names;
  index_->AddAllowed(path, names);
  if (const auto bare = WithoutIgnoredSlash(path)) index_->AddAllowed(*bare, names);
  if (!names.empty()) names.insert("OPTIONS");
  return {names.begin(), names.end()};
}

std::span<const Route> RouteTable::routes() const { return *routes_; }

}  // namespace puente
