// Who it is that sends spans.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/env_expansion.h"

namespace puente {

// An attribute of a resource (opentelemetry.io/docs/specs/semconv/resource).
struct ResourceAttribute {
  std::string key;
  std::variant<std::string, std::int64_t> value;

  bool operator==(const ResourceAttribute&) const = default;
};

// service.name, .version and .instance.id (a random UUID), host.name, process.pid, telemetry.sdk.*;
// and what OTEL_RESOURCE_ATTRIBUTES adds or says otherwise, save telemetry.sdk.*. service.name is
// `service_name`, or where that is "" OTEL_SERVICE_NAME, that of OTEL_RESOURCE_ATTRIBUTES, or
// "puente". A malformed variable is warned about in the log and passed over as a whole.
std::vector<ResourceAttribute> MakeResource(std::string_view service_name,
                                            const Environment& environment);

}  // namespace puente
