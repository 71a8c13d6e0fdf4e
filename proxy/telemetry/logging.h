// Diagnostics, on stderr: one line each.
#pragma once

#include "config/puente.pb.h"

namespace puente {

// Sets up spdlog's default logger. JSON lines are {"ts": RFC 3339, "level": …, "msg": …}. Call it
// before other threads log.
void SetUpLogging(const config::Log& log);

}  // namespace puente
