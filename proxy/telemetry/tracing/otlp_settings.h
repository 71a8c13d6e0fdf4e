// Where and how spans are exported: OTLP (opentelemetry.io/docs/specs/otlp), from the configuration
// and the OTEL_EXPORTER_OTLP_* variables (opentelemetry.io/docs/specs/otel/protocol/exporter).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "config/collector.h"
#include "config/env_expansion.h"
#include "config/problem.h"
#include "config/puente.pb.h"
#include "proxy/client_tls_files.h"
#include "transcoder/http_message.h"

namespace puente {

struct OtlpSettings {
  enum class Protocol { kGrpc, kHttp };

  Protocol protocol = Protocol::kGrpc;
  CollectorUrl url;             // with a port; for kHttp, the path that is posted to
  std::vector<Header> headers;  // names in lower case; legal, see CheckExportHeader
  ClientTlsFiles tls;           // for an https URL
  std::chrono::milliseconds timeout = std::chrono::seconds(10);  // of an export, retries included
  bool gzip = false;
};

// What `tracing`, which CheckTracing has passed, says; what it leaves out, the variables say, those
// of traces (OTEL_EXPORTER_OTLP_TRACES_*) before those of all signals. Without a port the URL has
// that of its scheme. Reads the files of the TLS section; what is wrong with them is added to
// `problems` by its key ("telemetry.tracing.otlp_tls.ca"), and nullopt is returned then. Variables
// that can't be used are warned about in the log and passed over.
std::optional<OtlpSettings> MakeOtlpSettings(const config::Tracing& tracing,
                                             const Environment& environment,
                                             std::vector<Problem>& problems);

}  // namespace puente
