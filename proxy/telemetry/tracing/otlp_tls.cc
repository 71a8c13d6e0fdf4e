#include "proxy/telemetry/tracing/otlp_tls.h"

#include <optional>
#include <string>

#include "proxy/telemetry/tracing/otel_environment.h"

namespace puente {

ClientTlsFiles OtlpTlsFrom(const Environment& environment) {
  const OtelEnvironment otel(environment);
  const auto ca = otel.Find({"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",  //
                             "OTEL_EXPORTER_OTLP_CERTIFICATE"});
  const auto certificate = otel.Find(
      {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"});
  const auto key =
      otel.Find({"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY"});
  config::ClientTls files;
  if (ca) files.set_ca(ca->value);
  if (certificate && key) {
    files.set_certificate(certificate->value);
    files.set_private_key(key->value);
  } else if (certificate || key) {
    WarnOfVariable(certificate ? certificate->name : key->name,
                   "a client certificate and its key go together", "neither is used");
  }
  std::vector<Problem> problems;
  ClientTlsFiles tls = ReadClientTlsFiles(files, problems);
  for (const Problem& problem : problems) {
    if (problem.key == "ca") {
      WarnOfVariable(ca->name, problem.message, "the authorities of the system are used");
      tls.ca.clear();
      continue;
    }
    WarnOfVariable(problem.key == "certificate" ? certificate->name : key->name, problem.message,
                   "no client certificate is used");
    tls.certificate.clear();
    tls.private_key.clear();
  }
  return tls;
}

}  // namespace puente
