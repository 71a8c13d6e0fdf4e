#include "proxy/explained_destination.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "config/defaults.h"
#include "config/duration_text.h"
#include "config/http_url.h"
#include "config/schema.h"
#include "proxy/traffic/split.h"
#include "proxy/traffic/sticky_key.h"
#include "proxy/traffic/weighted_choice.h"
#include "transcoder/origin_headers.h"

namespace puente {
namespace {

constexpr double kHundred = 100;

std::string DurationText(const google::protobuf::Duration& duration) {
  return FormatDuration(ToChrono(duration));
}

std::string TargetOf(const config::Upstream& upstream) {
  const auto join = [](const auto& all) { return fmt::format("{}", fmt::join(all, ", ")); };
  if (upstream.has_http()) {
    return upstream.http().urls().empty() ? upstream.http().url() : join(upstream.http().urls());
  }
  return upstream.grpc().targets().empty() ? upstream.grpc().target()
                                           : join(upstream.grpc().targets());
}

ExplainedBackend BackendOf(const config::Config& config, const std::string& name) {
  ExplainedBackend backend{.upstream = name};
  if (const config::Upstream* upstream = FindUpstream(config, name)) {
    backend.target = TargetOf(*upstream);
    backend.is_http = upstream->has_http();
  }
  return backend;
}

std::string BasePath(const config::Config& config, const std::string& upstream) {
  const config::HttpUpstream& http = FindUpstream(config, upstream)->http();
  const auto url = ParseHttpUrl(http.urls().empty() ? http.url() : http.urls(0));
  return url ? url->path : "";
}

// "the cookie who".
std::string StickyText(const config::Sticky& sticky) {
  if (sticky.has_header()) return fmt::format("the header {}", sticky.header());
  if (sticky.has_cookie()) return fmt::format("the cookie {}", sticky.cookie());
  return fmt::format("the token's claim {}", sticky.jwt_claim());
}

class DestinationExplanation {
 public:
  DestinationExplanation(const config::Config& config, const Destination& destination)
      : config_(config), route_(destination.route) {
    explained_.entry =
        destination.index < 0 ? "the only upstream" : fmt::format("routes[{}]", destination.index);
    if (destination.is_prefix) explained_.prefix = PrefixLabel(route_.match().path_prefix());
  }

  ExplainedDestination Finish() && { return std::move(explained_); }

  void AddBackends(bool is_bound) {
    for (int i = 0; i < route_.split().backends_size(); ++i) {
      ExplainedBackend backend = BackendOf(config_, route_.split().backends(i).upstream());
      backend.weight = route_.split().backends(i).weight();
      if (!is_bound && !backend.is_http) continue;
      candidates_ |= std::uint32_t{1} << i;
      explained_.backends.push_back(std::move(backend));
    }
    if (!route_.has_split()) explained_.backends = {BackendOf(config_, route_.upstream())};
    explained_.split = route_.split().name();
    AddShares();
  }

  void Choose(std::span<const HeaderView> headers) {
    if (!route_.has_split() || explained_.backends.size() == 1) explained_.chosen = 0;
    if (!route_.has_split()) return;
    const std::string override_header = ToLowerCase(route_.split().override_header());
    const std::string_view* named =
        override_header.empty() ? nullptr : FindHeader(headers, override_header);
    if (named != nullptr) return Override(override_header, *named);
    if (!route_.split().has_sticky()) {
      explained_.choice = "by chance";
      return;
    }
    const std::string sticky = StickyText(route_.split().sticky());
    const auto key = StickyKey(route_.split().sticky()).Of(headers);
    explained_.choice = key ? fmt::format("by {}, as long as the file's weights hold", sticky)
                            : fmt::format("by chance: the request lacks {}", sticky);
    if (key) ChooseFor(*key);
  }

  void AddForwarding(std::string_view http_method, std::string_view target) {
    for (std::size_t i = 0; i < explained_.backends.size(); ++i) {
      const ExplainedBackend& backend = explained_.backends[i];
      if (!backend.is_http || explained_.chosen.value_or(i) != i) continue;
      explained_.forwarded =
          fmt::format("{} {}{}", http_method, BasePath(config_, backend.upstream), target);
      return;
    }
  }

  void AddPolicies() {
    if (route_.has_retry()) AddRetry(route_.retry());
    if (route_.has_circuit_breaker() || route_.has_fallback()) AddBreaker();
    if (route_.has_fallback()) {
      const ExplainedBackend fallback = BackendOf(config_, route_.fallback());
      Add("fallback",
          fmt::format("{} ({}), while the breaker is open", fallback.upstream, fallback.target));
    }
    if (route_.has_shadow()) AddShadow(route_.shadow());
    if (route_.has_rollout()) {
      Add("rollout", fmt::format("of {}: {} %, a step every {}", route_.rollout().to(),
                                 fmt::join(route_.rollout().steps(), ", "),
                                 DurationText(route_.rollout().interval())));
    }
  }

 private:
  void AddShares() {
    double sum = 0;
    for (const ExplainedBackend& backend : explained_.backends) sum += backend.weight;
    if (!route_.has_split() || sum == 0) return;
    for (ExplainedBackend& backend : explained_.backends) {
      backend.percent = backend.weight / sum * kHundred;
    }
  }

  void Override(std::string_view header, std::string_view name) {
    const auto found = std::ranges::find(explained_.backends, name, &ExplainedBackend::upstream);
    explained_.choice = fmt::format("by the header {}", header);
    if (found != explained_.backends.end()) {
      explained_.chosen = static_cast<std::size_t>(found - explained_.backends.begin());
      return;
    }
    explained_.chosen = std::nullopt;
    const auto names = BackendNames(route_);
    const bool is_other = std::ranges::find(names, name) != names.end();
    explained_.refusal =
        is_other ? Error{Code::kNotFound, "nothing is served under this path", 0, {}, {}}
                 : Error{Code::kInvalidArgument,
                         fmt::format("header '{}': expected {}", header, fmt::join(names, " or ")),
                         0,
                         {},
                         {}};
  }

  // As the split itself does.
  void ChooseFor(std::string_view key) {
    const Split split(route_.split(), /*lineage=*/0);
    const std::string& name = split.backends()[split.ChooseAmong(CallerHash(key), candidates_)];
    const auto found = std::ranges::find(explained_.backends, name, &ExplainedBackend::upstream);
    explained_.chosen = static_cast<std::size_t>(found - explained_.backends.begin());
  }

  void Add(std::string name, std::string text) {
    explained_.policies.push_back({std::move(name), std::move(text)});
  }

  void AddRetry(const config::Retry& retry) {
    std::vector<std::string_view> codes;
    for (const int code : retry.on()) {
      codes.push_back(EnumText(*config::StatusCode_descriptor()->FindValueByNumber(code)));
    }
    Add("retry", fmt::format("up to {} tries, on {}; at most {:g} % of all calls", retry.attempts(),
                             fmt::join(codes, ", "), retry.budget_percent()));
  }

  void AddBreaker() {
    config::CircuitBreaker breaker = route_.circuit_breaker();
    ApplyDefaults(breaker);
    Add("breaker", fmt::format("opens for {} after {} failures in a row; {} calls at a time",
                               DurationText(breaker.open_for()), breaker.failures(),
                               breaker.max_concurrent()));
  }

  void AddShadow(const config::Shadow& shadow) {
    const ExplainedBackend copies = BackendOf(config_, shadow.upstream());
    const bool is_all = shadow.methods() == config::Shadow::METHODS_ALL;
    Add("shadow", fmt::format("{} ({}): copies of {:g} % of {}{}", copies.upstream, copies.target,
                              shadow.percent(), is_all ? "all calls" : "calls without side effects",
                              shadow.compare() ? ", compared" : ""));
  }

  const config::Config& config_;
  const config::Route& route_;
  ExplainedDestination explained_;
  std::uint32_t candidates_ = 0;  // a bit for each backend of the split that can take the request
};

}  // namespace

bool ExplainedDestination::MayCall() const {
  if (chosen) return !backends[*chosen].is_http;
  return std::ranges::any_of(backends, [](const auto& backend) { return !backend.is_http; });
}

bool ExplainedDestination::MayForward() const {
  if (chosen) return backends[*chosen].is_http;
  return std::ranges::any_of(backends, [](const auto& backend) { return backend.is_http; });
}

ExplainedDestination ExplainDestination(const config::Config& config,
                                        const Destination& destination, bool is_bound,
                                        std::string_view http_method, std::string_view target,
                                        std::span<const HeaderView> headers) {
  DestinationExplanation explanation(config, destination);
  explanation.AddBackends(is_bound);
  explanation.Choose(headers);
  explanation.AddForwarding(http_method, target);
  explanation.AddPolicies();
  return std::move(explanation).Finish();
}

}  // namespace puente
