#include "transcoder/near_misses.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>
#include <variant>

#include "transcoder/template_distance.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

constexpr std::size_t kMost = 5;
constexpr std::size_t kMostSegments = 100;

constexpr int kSlash = 1;
constexpr int kOtherMethod = 4;
constexpr int kAutomatic = 6;
constexpr int kLetter = 3;

std::vector<std::string> SegmentsOf(std::string_view path) {
  std::vector<std::string> segments;
  for (std::size_t slash = 0; slash < path.size() && segments.size() <= kMostSegments;) {
    const std::size_t end = std::min(path.find('/', slash + 1), path.size());
    segments.push_back(PercentDecode(path.substr(slash + 1, end - slash - 1)));
    slash = end;
  }
  return segments;
}

// POST /package.Service/Method
bool IsAutomaticCall(const Route& route) {
  return route.automatic && route.path.segments.size() == 2 &&
         route.path.segments[1].literal == route.method->name();
}

class Finder {
 public:
  Finder(const RouteTable& table, std::string_view http_method, std::string_view path)
      : table_(table),
        http_method_(http_method),
        path_(path),
        segments_(SegmentsOf(path)),
        is_known_(!table.AllowedMethods(path).empty()) {}

  std::vector<NearMiss> Run() && {
    if (segments_.empty() || segments_.size() > kMostSegments) return {};
    AddServing(path_, 0, "serves this path");
    AddWithOtherSlash();
    for (const Route& route : table_.routes()) {
      AddByTemplate(route);
      if (IsAutomaticCall(route)) AddByMethodName(route);
    }
    std::ranges::stable_sort(found_, {}, &NearMiss::distance);
    if (found_.size() > kMost) found_.resize(kMost);
    return std::move(found_);
  }

 private:
  bool Serves(const Route& route) const {
    return route.http_method == "*" || route.http_method == http_method_ ||
           (http_method_ == "HEAD" && route.http_method == "GET");
  }

  // The nearest way to a route is the one that is told.
  void Add(const Route& route, int distance, std::string why) {
    const auto [known, is_new] = places_.try_emplace(&route, found_.size());
    if (is_new) {
      found_.push_back({&route, std::move(why), distance});
    } else if (distance < found_[known->second].distance) {
      found_[known->second] = {&route, std::move(why), distance};
    }
  }

  void AddWithMethod(const Route& route, int distance, std::string why) {
    if (!Serves(route)) {
      distance += kOtherMethod;
      why += fmt::format("{}under {}", why.empty() ? "" : ", ", route.http_method);
    }
    Add(route, distance, std::move(why));
  }

  void AddServing(std::string_view path, int distance, const std::string& why) {
    for (const std::string& method : table_.AllowedMethods(path)) {
      RouteLookup lookup = table_.Match(method, path);
      const auto* match = std::get_if<RouteMatch>(&lookup);
      if (match != nullptr) AddWithMethod(*match->route, distance, why);
    }
  }

  void AddWithOtherSlash() {
    std::string other(path_);
    const bool has_slash = other.size() > 1 && other.ends_with('/');
    if (has_slash) {
      other.pop_back();
    } else {
      other += '/';
    }
    AddServing(
        other, kSlash,
        has_slash ? "matches without the slash at the end" : "matches with a slash at the end");
  }

  void AddByTemplate(const Route& route) {
    if (is_known_ && !Serves(route)) return;
    auto distance = DistanceTo(route.path, segments_);
    if (distance && distance->distance > 0) {
      AddWithMethod(route, distance->distance, std::move(distance->why));
    }
  }

  void AddByMethodName(const Route& route) {
    const std::string& last = segments_.back();
    const auto letters = NearbyDistance(last.substr(last.find(':') + 1), route.method->name());
    if (!letters) return;
    AddWithMethod(route, kAutomatic + kLetter * *letters, "is the automatic route of the method");
  }

  const RouteTable& table_;
  const std::string_view http_method_;
  const std::string_view path_;
  const std::vector<std::string> segments_;
  const bool is_known_;  // under other methods
  std::vector<NearMiss> found_;
  std::unordered_map<const Route*, std::size_t> places_;  // in found_
};

}  // namespace

std::vector<NearMiss> FindNearMisses(const RouteTable& table, std::string_view http_method,
                                     std::string_view path) {
  return Finder(table, http_method, path).Run();
}

}  // namespace puente
