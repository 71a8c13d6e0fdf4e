// The route table against a matcher that tries every route, on random routes and paths.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/transcoder/route_fixture.h"
#include "transcoder/route_table.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

using testing::MakeRoutes;
using testing::Show;
using Kind = PathTemplate::SegmentKind;
using Random = std::mt19937;

std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> segments;
  if (path == "/") return segments;
  for (std::size_t slash = 0; slash < path.size();) {
    const std::size_t end = std::min(path.find('/', slash + 1), path.size());
    segments.emplace_back(path.substr(slash + 1, end - slash - 1));
    slash = end;
  }
  return segments;
}

bool MatchesOne(const PathTemplate::Segment& segment, const std::string& raw) {
  return segment.kind == Kind::kSingle ? !raw.empty() : PercentDecode(raw) == segment.literal;
}

// How many of the path's segments each of the template's takes; nothing when it does not match.
std::optional<std::vector<std::size_t>> Assign(const PathTemplate& path_template,
                                               const std::vector<std::string>& path) {
  const auto& segments = path_template.segments;
  const auto multi = std::ranges::find(segments, Kind::kMulti, &PathTemplate::Segment::kind);
  std::vector<std::size_t> counts(segments.size(), 1);
  if (multi == segments.end()) {
    if (segments.size() != path.size()) return std::nullopt;
  } else {
    if (segments.size() - 1 > path.size()) return std::nullopt;
    counts[multi - segments.begin()] = path.size() - (segments.size() - 1);
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < segments.size(); at += counts[i++]) {
    if (segments[i].kind != Kind::kMulti && !MatchesOne(segments[i], path[at])) return std::nullopt;
  }
  return counts;
}

// Smaller is preferred: the longer verb, then segment kinds from the left, then more segments after
// "**", then the method itself before GET for HEAD before "*".
using Rank = std::vector<int>;

Rank RankOf(const Route& route, std::string_view http_method) {
  Rank rank = {-static_cast<int>(route.path.verb.size())};
  for (const auto& segment : route.path.segments) {
    rank.push_back(static_cast<int>(segment.kind));
    if (segment.kind == Kind::kMulti) break;
  }
  const bool multi = rank.size() > 1 && rank.back() == static_cast<int>(Kind::kMulti);
  rank.push_back(multi ? -static_cast<int>(route.path.segments.size()) : -1000);
  rank.push_back(route.http_method == http_method ? 0 : route.http_method == "GET" ? 1 : 2);
  return rank;
}

struct Candidate {
  const Route* route;
  std::vector<std::string> segments;
  std::vector<std::size_t> counts;
};

// Routes whose template fits, whatever their method.
std::vector<Candidate> Fitting(const std::vector<Route>& routes, const std::string& path) {
  std::vector<Candidate> fitting;
  for (const Route& route : routes) {
    std::string rest = path;
    if (const std::string& verb = route.path.verb; !verb.empty()) {
      if (!path.ends_with(":" + verb)) continue;
      rest.resize(path.size() - verb.size() - 1);
    }
    auto segments = Split(rest);
    if (auto counts = Assign(route.path, segments)) {
      fitting.push_back({&route, std::move(segments), std::move(*counts)});
    }
  }
  return fitting;
}

bool Serves(const Route& route, const std::string& http_method) {
  return route.http_method == http_method || route.http_method == "*" ||
         (route.http_method == "GET" && http_method == "HEAD");
}

std::string ShowCaptures(const Candidate& chosen) {
  std::string shown;
  for (const auto& variable : chosen.route->path.variables) {
    std::size_t begin = 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < variable.first + variable.count; ++i) {
      (i < variable.first ? begin : count) += chosen.counts[i];
    }
    const auto first = chosen.segments.begin() + static_cast<std::ptrdiff_t>(begin);
    std::string raw =
        fmt::format("{}", fmt::join(first, first + static_cast<std::ptrdiff_t>(count), "/"));
    shown += " " + variable.field_path + "=" +
             PercentDecode(raw, variable.multi_segment ? Decoding::kExceptSlash : Decoding::kAll);
  }
  return shown;
}

std::string NaiveMatch(const std::vector<Route>& routes, const std::string& http_method,
                       const std::string& path) {
  const std::vector<Candidate> fitting = Fitting(routes, path);
  const Candidate* best = nullptr;
  std::set<std::string> allowed;
  for (const Candidate& candidate : fitting) {
    allowed.insert(candidate.route->http_method);
    if (candidate.route->http_method == "GET") allowed.insert("HEAD");
    if (!Serves(*candidate.route, http_method)) continue;
    if (best == nullptr ||
        RankOf(*candidate.route, http_method) < RankOf(*best->route, http_method)) {
      best = &candidate;
    }
  }
  if (best != nullptr) {
    return best->route->http_method + " " + best->route->path.text + ShowCaptures(*best);
  }
  if (allowed.empty()) return "404";
  allowed.insert("OPTIONS");
  return fmt::format("405 {}", fmt::join(allowed, ", "));
}

std::string Pick(Random& random, const std::vector<std::string>& choices) {
  return choices[random() % choices.size()];
}

std::string RandomSegments(Random& random, bool& multi) {
  std::string text;
  for (std::size_t n = 1 + random() % 3; n > 0; --n) {
    std::string segment = Pick(random, {"a", "b", "*", "*", "**", "%61b"});
    if (multi) segment = Pick(random, {"a", "b"});
    multi = multi || segment == "**";
    text += (text.empty() ? "" : "/") + segment;
  }
  return text;
}

std::string RandomTemplate(Random& random) {
  std::string text;
  bool multi = false;
  int variables = 0;
  for (std::size_t n = random() % 4; n > 0; --n) {
    if (!multi && random() % 3 == 0) {
      text += fmt::format("/{{v{}={}}}", variables++, RandomSegments(random, multi));
    } else {
      text += "/" + RandomSegments(random, multi);
    }
  }
  if (text.empty()) return "/";
  return text + Pick(random, {"", "", "", ":a", ":b", ":a:b"});
}

std::vector<Route> RandomRoutes(Random& random) {
  std::vector<Route> routes;
  for (std::size_t n = 1 + random() % 12; n > 0; --n) {
    const std::string method = Pick(random, {"GET", "GET", "PUT", "HEAD", "*"});
    routes.push_back(testing::MakeRoute(method + " " + RandomTemplate(random)));
    if (!FindDuplicates(routes).empty()) routes.pop_back();
  }
  return routes;
}

std::string RandomPieces(Random& random, std::size_t count) {
  std::string path;
  for (; count > 0; --count) {
    path += "/" + Pick(random, {"a", "b", "c", "", "%61", "ab", "a%2fb", "a:b", "x%3Aa", "%20"});
  }
  return path;
}

std::string RandomEnd(Random& random) {
  return Pick(random, {"", "", "", "", ":a", ":b", ":a:b", ":", "/"});
}

// Often one that the template matches.
std::string PathFor(Random& random, const PathTemplate& path_template) {
  std::string path;
  for (const auto& segment : path_template.segments) {
    path += segment.kind == Kind::kLiteral  ? "/" + segment.literal
            : segment.kind == Kind::kSingle ? RandomPieces(random, 1)
                                            : RandomPieces(random, random() % 4);
  }
  if (path.empty()) path = "/";
  if (!path_template.verb.empty()) path += ":" + path_template.verb;
  return path + RandomEnd(random);
}

std::string RandomPath(Random& random, const std::vector<Route>& routes) {
  if (random() % 4 != 0) return PathFor(random, routes[random() % routes.size()].path);
  const std::string path = RandomPieces(random, random() % 6);
  return (path.empty() ? "/" : path) + RandomEnd(random);
}

TEST(RouteTableProperty, AgreesWithTryingEveryRoute) {
  int matches = 0;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    const std::vector<Route> routes = RandomRoutes(random);
    const auto table = RouteTable::Build(routes);
    ASSERT_TRUE(table) << "seed " << seed;
    for (int i = 0; i < 10; ++i) {
      const std::string path = RandomPath(random, routes);
      const std::string method = Pick(random, {"GET", "PUT", "HEAD", "POST"});
      const std::string found = Show(table->Match(method, path));
      ASSERT_EQ(found, NaiveMatch(routes, method, path))
          << "seed " << seed << ": " << method << " " << path;
      matches += found.starts_with("40") ? 0 : 1;
    }
  }
  EXPECT_GT(matches, 5000);
}

}  // namespace
}  // namespace puente
