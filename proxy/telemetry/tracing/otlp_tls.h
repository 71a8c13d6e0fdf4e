// The files of a TLS connection to a collector, as OTEL_* variables name them.
#pragma once

#include "config/env_expansion.h"
#include "proxy/client_tls_files.h"

namespace puente {

// Those of OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE and _CLIENT_KEY, or of
// OTEL_EXPORTER_OTLP_TRACES_*. What is wrong is warned about in the log, and passed over.
ClientTlsFiles OtlpTlsFrom(const Environment& environment);

}  // namespace puente
