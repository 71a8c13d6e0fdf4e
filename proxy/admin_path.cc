#include "proxy/admin_path.h"

#include <algorithm>
#include <array>

namespace puente {
namespace {

constexpr std::string_view kGet = "GET, HEAD";
constexpr std::string_view kPost = "POST";

struct Endpoint {
  std::string_view path;
  std::string_view methods;
};
constexpr auto kEndpoints = std::to_array<Endpoint>({
    {"/healthz", kGet},
    {"/readyz", kGet},
    {"/health/grpc", kGet},
    {"/metrics", kGet},
    {"/routes", kGet},
    {"/splits", kGet},
    {"/reload", kPost},
    {"/drain", kPost},
});
// Of a split, by what follows its name.
constexpr auto kOfSplit = std::to_array<Endpoint>({
    {"", "GET, HEAD, PUT"},
    {"differences", "GET, HEAD, DELETE"},
    {"rollback", kPost},
    {"rollout/pause", kPost},
    {"rollout/resume", kPost},
    {"rollout/promote", kPost},
    {"rollout/abort", kPost},
});

template <class Endpoints>
std::string_view Find(const Endpoints& endpoints, std::string_view path) {
  const auto found = std::ranges::find(endpoints, path, &Endpoint::path);
  return found == endpoints.end() ? std::string_view() : found->methods;
}

}  // namespace

std::string_view MethodsOf(std::string_view path) {
  if (path.starts_with(kSplitsPrefix)) return Find(kOfSplit, TakeSplitPath(path).rest);
  return Find(kEndpoints, path);
}

}  // namespace puente
