// What CheckConfig finds about telemetry.tracing.
#pragma once

#include "config/findings.h"
#include "config/puente.pb.h"

namespace puente {

// The endpoint, the headers and the TLS files of the section, as far as it has them. The files are
// not opened.
void CheckTracing(const config::Tracing& tracing, Findings& findings);

}  // namespace puente
