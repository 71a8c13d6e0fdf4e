// The paths of the admin interface.
#pragma once

#include <string_view>

namespace puente {

// "/splits/billing-migration/rollout/pause", taken apart.
struct SplitPath {
  std::string_view name;
  std::string_view rest;  // "rollout/pause"; "" for the split itself
};

// `path` begins with kSplitsPrefix. Names of splits are not escaped in it.
inline constexpr std::string_view kSplitsPrefix = "/splits/";
inline SplitPath TakeSplitPath(std::string_view path) {
  path.remove_prefix(kSplitsPrefix.size());
  const std::size_t slash = path.find('/');
  if (slash == path.npos) return {path, {}};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

// The methods that an endpoint takes, as `Allow` has them; "" when there is no such endpoint.
std::string_view MethodsOf(std::string_view path);

}  // namespace puente
