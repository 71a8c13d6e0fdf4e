#include "proxy/telemetry/tracing/otlp_tls.h"

#include <optional>
#include <string>

#include "proxy/file_contents.h"
#include "proxy/pem_check.h"
#include "proxy/telemetry/tracing/otel_environment.h"

namespace puente {
namespace {

std::string ReadPem(const std::string& path, const char* key, std::vector<Problem>& problems) {
  if (path.empty()) return {};
  auto contents = ReadFile(path);
  if (contents) return *std::move(contents);
  problems.push_back({.key = key, .message = contents.error()});
  return {};
}

}  // namespace

OtlpTls ReadOtlpTls(const config::ClientTls& files, std::vector<Problem>& problems) {
  const std::size_t before = problems.size();
  OtlpTls tls{.ca = ReadPem(files.ca(), "ca", problems),
              .certificate = ReadPem(files.certificate(), "certificate", problems),
              .private_key = ReadPem(files.private_key(), "private_key", problems),
              .server_name = files.server_name()};
  if (problems.size() > before) return tls;
  const auto report = [&](const char* key, const std::string& file,
                          const std::optional<std::string>& problem) {
    if (problem) problems.push_back({.key = key, .message = file + " " + *problem});
  };
  if (!files.ca().empty()) report("ca", files.ca(), CheckCertificates(tls.ca));
  if (!files.certificate().empty()) {
    report("certificate", files.certificate(), CheckCertificates(tls.certificate));
  }
  if (!files.certificate().empty() && !files.private_key().empty()) {
    report("private_key", files.private_key(), CheckPrivateKey(tls.private_key, tls.certificate));
  }
  return tls;
}

OtlpTls OtlpTlsFrom(const Environment& environment) {
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
  OtlpTls tls = ReadOtlpTls(files, problems);
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
