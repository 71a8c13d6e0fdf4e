// POST /demo/faults?service=legacy&fail_percent=50: faults of the example services over HTTP, for
// the demo. GET /demo/faults shows them.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "examples/services/legacy_target.h"
#include "examples/services/service_faults.h"

namespace puente::examples {

struct FaultOrder {
  enum class Service { kGrpc, kLegacy };
  Service service;
  FaultPlan plan;
};

// Of the parameters of the query; what is not given is as in a FaultPlan, that is, off:
//   service=grpc|legacy            required
//   fail_percent=0…100
//   fail_with=internal|unavailable
//   delay_ms=0…60000
//   plant_difference=true|false
// The error names the parameter. Others do not count.
tl::expected<FaultOrder, std::string> ReadFaultOrder(const LegacyTarget& target);

// `{"grpc": {"fail_percent": 50, …}, "legacy": {…}}`, with the names of the parameters.
std::string FaultsJson(const FaultPlan& grpc, const FaultPlan& legacy);

}  // namespace puente::examples
