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

bool IsPathPrefix(std::string_view text) {
  return text.starts_with('/') && text.find_first_of("?#% ") == std::string_view::npos;
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
  if (match.has_path_prefix() && !IsPathPrefix(match.path_prefix())) {
    findings.Report(path + ".path_prefix", "expected the beginning of a path, such as `/legacy/`");
  }
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
  const bool only_http =
      count == 0 && std::ranges::any_of(config.upstreams(), &config::Upstream::has_http);
  if (only_http) {
    findings.Report("upstreams",
                    "there is no gRPC upstream; `routes` must say what goes to the others");
  }
}

}  // namespace

void CheckRoutes(const config::Config& config, Findings& findings) {
  if (config.routes().empty()) CheckOnlyUpstream(config, findings);
  UniqueValues split_names("name", findings);
  UniqueValues matches("match", findings);
  for (int i = 0; i < config.routes_size(); ++i) {
    const std::string path = IndexKey("routes", i);
    CheckMatch(path + ".match", config.routes(i), findings);
    const config::Match& match = config.routes(i).match();
    matches.Add(path + ".match", match.service() + match.method() + match.path_prefix());
    CheckTraffic(config, config.routes(i), path, split_names, findings);
  }
}

}  // namespace puente
