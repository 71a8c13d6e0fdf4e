#include "proxy/telemetry/tracing/propagators.h"

#include <fmt/format.h>

#include "proxy/telemetry/tracing/otel_environment.h"

namespace puente {
namespace {

constexpr std::string_view kVariable = "OTEL_PROPAGATORS";
constexpr Propagators kDefault{.trace_context = true, .baggage = true};

// False: there is no such propagator.
bool Add(std::string_view name, Propagators& propagators) {
  if (name == "tracecontext") {
    propagators.trace_context = true;
  } else if (name == "baggage") {
    propagators.baggage = true;
  } else if (name == "b3") {
    propagators.b3 = true;
  } else if (name == "b3multi") {
    propagators.b3_multi = true;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Propagators PropagatorsFrom(const Environment& environment) {
  const auto variable = OtelEnvironment(environment).FindName({kVariable});
  if (!variable) return kDefault;
  if (variable->value == "none") return {};
  Propagators propagators;
  for (const std::string& name : SplitList(variable->value)) {
    if (Add(name, propagators)) continue;
    WarnOfVariable(kVariable, fmt::format("there is no propagator `{}` here", name),
                   "it is passed over; tracecontext, baggage, b3 and b3multi are known");
  }
  return propagators == Propagators{} ? kDefault : propagators;
}

}  // namespace puente
