#include <optional>

#include "config/address.h"
#include "config/check_sections.h"
#include "config/http_url.h"

namespace puente {
namespace {

void CheckTargets(const std::string& path, const config::GrpcUpstream& grpc, Findings& findings) {
  CheckExactlyOne(path, {{"target", grpc.has_target()}, {"targets", grpc.targets_size() > 0}},
                  findings);
  if (grpc.has_target() && !IsGrpcTarget(grpc.target())) {
    findings.Report(path + ".target",
                    "expected a gRPC target, such as `billing:50051`, `dns:///billing:50051` or "
                    "`unix:/path`");
  }
  for (int i = 0; i < grpc.targets_size(); ++i) {
    if (!IsHostAndPort(grpc.targets(i))) {
      findings.Report(IndexKey(path + ".targets", i),
                      "expected a host and a port, such as `billing:50051`");
    }
  }
}

// What the URL `text` of `key` says; nullopt when it is none.
std::optional<HttpUrl> CheckUrl(const std::string& key, const std::string& text,
                                Findings& findings) {
  auto url = ParseHttpUrl(text);
  if (url) return *std::move(url);
  findings.Report(key, url.error());
  return std::nullopt;
}

// The URL that stands for all of them.
std::optional<HttpUrl> CheckUrls(const std::string& path, const config::HttpUpstream& http,
                                 Findings& findings) {
  CheckExactlyOne(path, {{"url", http.has_url()}, {"urls", http.urls_size() > 0}}, findings);
  std::optional<HttpUrl> first;
  if (http.has_url()) first = CheckUrl(path + ".url", http.url(), findings);
  for (int i = 0; i < http.urls_size(); ++i) {
    const std::string key = IndexKey(path + ".urls", i);
    const auto url = CheckUrl(key, http.urls(i), findings);
    if (!url) continue;
    if (!first) first = url;
    if (url->tls != first->tls || url->path != first->path) {
      findings.Report(key, "differs from the others in more than host and port");
    }
  }
  return first;
}

void CheckHttp(const std::string& path, const config::HttpUpstream& http, Findings& findings) {
  const auto url = CheckUrls(path, http, findings);
  if (http.has_tls()) {
    if (url && !url->tls) {
      findings.Report(path + ".tls", "has no effect, because the URL is not https");
    }
    CheckClientTls(path + ".tls", http.tls(), findings);
  }
  const config::HttpHealthCheck& check = http.health_check();
  if (!check.path().empty() && !IsUrlPath(check.path())) {
    findings.Report(path + ".health_check.path", "expected a path, such as `/healthz`");
  }
}

}  // namespace

void CheckUpstreams(const config::Config& config, Findings& findings) {
  UniqueValues names("name", findings);
  for (int i = 0; i < config.upstreams_size(); ++i) {
    const config::Upstream& upstream = config.upstreams(i);
    const std::string path = IndexKey("upstreams", i);
    names.Add(path + ".name", upstream.name());
    CheckExactlyOne(path, {{"grpc", upstream.has_grpc()}, {"http", upstream.has_http()}}, findings);
    if (upstream.has_http()) CheckHttp(path + ".http", upstream.http(), findings);
    if (!upstream.has_grpc()) continue;
    CheckTargets(path + ".grpc", upstream.grpc(), findings);
    if (upstream.grpc().has_tls())
      CheckClientTls(path + ".grpc.tls", upstream.grpc().tls(), findings);
  }
}

}  // namespace puente
