#include "proxy/client_tls_files.h"

#include <optional>

#include "proxy/file_contents.h"
#include "proxy/pem_check.h"

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

ClientTlsFiles ReadClientTlsFiles(const config::ClientTls& tls, std::vector<Problem>& problems) {
  const std::size_t before = problems.size();
  ClientTlsFiles files{.ca = ReadPem(tls.ca(), "ca", problems),
                       .certificate = ReadPem(tls.certificate(), "certificate", problems),
                       .private_key = ReadPem(tls.private_key(), "private_key", problems),
                       .server_name = tls.server_name()};
  if (problems.size() > before) return files;
  const auto report = [&](const char* key, const std::string& file,
                          const std::optional<std::string>& problem) {
    if (problem) problems.push_back({.key = key, .message = file + " " + *problem});
  };
  if (!tls.ca().empty()) report("ca", tls.ca(), CheckCertificates(files.ca));
  if (!tls.certificate().empty()) {
    report("certificate", tls.certificate(), CheckCertificates(files.certificate));
  }
  if (!tls.certificate().empty() && !tls.private_key().empty()) {
    report("private_key", tls.private_key(), CheckPrivateKey(files.private_key, files.certificate));
  }
  return files;
}

}  // namespace puente
