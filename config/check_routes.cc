#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/check_sections.h"

namespace puente {
namespace {

bool IsMethodName(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view method = text.substr(slash + 1);
  return IsFullName(text.substr(0, slash)) && IsFullName(method) &&
         method.find('.') == std::string_view::npos;
}

void CheckMatch(const std::string& path, const config::Route& route, Findings& findings) {
  if (!route.has_match()) {
    findings.Report(path, "is missing");
    return;
  }
  const config::Match& match = route.match();
  CheckExactlyOne(path,
                  {{"service", match.has_service()},
                   {"method", match.has_method()},
                   {"path_prefix", match.has_path_prefix()}},
                  findings);
  if (match.has_service() && !IsFullName(match.service())) {
    findings.Report(path + ".service",
                    "expected the full name of a service, such as `billing.v1.BillingService`");
  }
  if (match.has_method() && !IsMethodName(match.method())) {
    findings.Report(path + ".method",
                    "expected a service and its method, such as "
                    "`billing.v1.BillingService/GetInvoice`");
  }
}

void CheckUpstreamOf(const std::string& path, const config::Route& route,
                     const std::vector<std::string>& upstreams, Findings& findings) {
  const std::string key = path + ".upstream";
  if (!route.has_upstream()) {
    if (!findings.IsSettled(path + ".split")) findings.Report(key, "is missing");
    return;
  }
  if (std::ranges::find(upstreams, route.upstream()) != upstreams.end()) return;
  findings.Report(key, NoSuchUpstream(upstreams, route.upstream()));
}

// Without routes it must be plain where calls go.
void CheckOnlyUpstream(const config::Config& config, Findings& findings) {
  const auto count = std::ranges::count_if(
      config.upstreams(), [](const config::Upstream& upstream) { return upstream.has_grpc(); });
  if (count > 1) {
    findings.Report(
        "upstreams",
        fmt::format("there are {} gRPC upstreams; `routes` must say which methods go where",
                    count));
  }
}

}  // namespace

void CheckRoutes(const config::Config& config, Findings& findings) {
  if (config.routes().empty()) CheckOnlyUpstream(config, findings);
  const std::vector<std::string> upstreams = UpstreamNames(config);
  for (int i = 0; i < config.routes_size(); ++i) {
    const std::string path = IndexKey("routes", i);
    CheckMatch(path + ".match", config.routes(i), findings);
    CheckUpstreamOf(path, config.routes(i), upstreams, findings);
  }
}

}  // namespace puente
