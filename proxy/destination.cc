#include "proxy/destination.h"

#include <fmt/format.h>

#include "config/defaults.h"
#include "config/duration_text.h"

namespace puente {
namespace {

bool Matches(const config::Match& match, const google::protobuf::MethodDescriptor& method) {
  if (match.has_service()) return match.service() == method.service()->full_name();
  return match.method() == fmt::format("{}/{}", method.service()->full_name(), method.name());
}

}  // namespace

std::optional<Destination> FindDestination(const config::Config& config,
                                           const google::protobuf::MethodDescriptor& method) {
  if (config.routes().empty()) {
    config::Route defaults;
    ApplyDefaults(defaults);
    return Destination{config.upstreams(0).name(), ToChrono(defaults.timeout())};
  }
  for (int i = 0; i < config.routes_size(); ++i) {
    const config::Route& route = config.routes(i);
    if (Matches(route.match(), method)) {
      return Destination{route.upstream(), ToChrono(route.timeout()), i};
    }
  }
  return std::nullopt;
}

}  // namespace puente
