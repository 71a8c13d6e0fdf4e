// The files that a TLS connection to a collector needs.
#pragma once

#include <vector>

#include "config/env_expansion.h"
#include "config/problem.h"
#include "config/puente.pb.h"
#include "proxy/telemetry/tracing/otlp_settings.h"

namespace puente {

// Reads and checks the files that `files` names. What is wrong is added to `problems` by the key
// relative to `files`: "ca", "certificate", "private_key".
OtlpTls ReadOtlpTls(const config::ClientTls& files, std::vector<Problem>& problems);

// The same for the files of OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE and _CLIENT_KEY, or
// of OTEL_EXPORTER_OTLP_TRACES_*. What is wrong is warned about in the log, and passed over.
OtlpTls OtlpTlsFrom(const Environment& environment);

}  // namespace puente
