// Splits, and what else a route says about where its requests go and when.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "config/check_sections.h"
#include "config/duration_text.h"
#include "config/http_names.h"

namespace puente {
namespace {

// What one split may have; see WeightsNow.
constexpr int kMostBackends = 16;
constexpr std::uint64_t kMostWeight = UINT32_MAX;

class RouteTraffic {
 public:
  RouteTraffic(const config::Config& config, const config::Route& route, std::string path,
               Findings& findings)
      : upstreams_(UpstreamNames(config)),
        route_(route),
        path_(std::move(path)),
        findings_(findings) {}

  void Check(UniqueValues& split_names) {
    CheckTarget();
    if (route_.has_split()) CheckSplit(split_names);
    if (route_.has_shadow()) CheckShadow();
    if (route_.has_rollout()) CheckRollout();
    if (route_.has_retry()) CheckRetry();
    if (route_.has_fallback()) CheckFallback();
  }

 private:
  void CheckTarget() {
    const std::string key = path_ + ".upstream";
    if (route_.has_upstream() && route_.has_split()) {
      findings_.Report(path_ + ".split", "only one of `upstream` and `split` may be given");
    } else if (route_.has_upstream()) {
      CheckName(key, route_.upstream());
    } else if (!route_.has_split() && !findings_.IsSettled(path_ + ".split")) {
      findings_.Report(key, "is missing");
    }
  }

  void CheckName(const std::string& key, const std::string& name) {
    if (name.empty() || std::ranges::find(upstreams_, name) != upstreams_.end()) return;
    findings_.Report(key, NoSuchUpstream(upstreams_, name));
  }

  void CheckSplit(UniqueValues& split_names) {
    const config::Split& split = route_.split();
    const std::string path = path_ + ".split";
    split_names.Add(path + ".name", split.name());
    if (split.name().find_first_of("/?#%") != std::string::npos) {
      findings_.Report(path + ".name", "must not hold `/`, `?`, `#` or `%`: it is part of a path");
    }
    if (split.backends_size() > kMostBackends) {
      findings_.Report(path + ".backends", fmt::format("more than {}", kMostBackends));
    }
    UniqueValues names("upstream", findings_);
    std::uint64_t sum = 0;
    for (int i = 0; i < split.backends_size(); ++i) {
      const std::string key = IndexKey(path + ".backends", i) + ".upstream";
      CheckName(key, split.backends(i).upstream());
      names.Add(key, split.backends(i).upstream());
      sum += split.backends(i).weight();
    }
    if (split.backends_size() > 0 && sum == 0) {
      findings_.Report(path + ".backends", "at least one weight must be above 0");
    }
    if (sum > kMostWeight) {
      findings_.Report(path + ".backends",
                       fmt::format("the sum of the weights must be at most {}", kMostWeight));
    }
    if (split.has_sticky()) CheckSticky(path + ".sticky", split.sticky());
    if (split.has_override_header()) {
      CheckHeader(path + ".override_header", split.override_header());
    }
  }

  void CheckSticky(const std::string& path, const config::Sticky& sticky) {
    CheckExactlyOne(path,
                    {{"header", sticky.has_header()},
                     {"cookie", sticky.has_cookie()},
                     {"jwt_claim", sticky.has_jwt_claim()}},
                    findings_);
    if (sticky.has_header()) CheckHeader(path + ".header", sticky.header());
    if (sticky.has_cookie() && !IsHttpToken(sticky.cookie())) {
      findings_.Report(path + ".cookie", "this is no name of a cookie");
    }
  }

  void CheckHeader(const std::string& key, const std::string& name) {
    if (!IsHttpToken(name)) findings_.Report(key, "this is no name of a header");
  }

  void CheckShadow() {
    const config::Shadow& shadow = route_.shadow();
    CheckName(path_ + ".shadow.upstream", shadow.upstream());
    if (route_.has_upstream() && shadow.upstream() == route_.upstream()) {
      findings_.Report(path_ + ".shadow.upstream", "the route's own upstream needs no copies");
    }
    if (shadow.compare() || shadow.ignore_fields().empty()) return;
    findings_.Report(path_ + ".shadow.ignore_fields", "needs `compare: true`");
  }

  void CheckRollout() {
    const std::string path = path_ + ".rollout";
    const config::Rollout& rollout = route_.rollout();
    if (!route_.has_split()) {
      findings_.Report(path, "needs a `split`");
      return;
    }
    std::vector<std::string> backends;
    for (const config::Backend& backend : route_.split().backends()) {
      backends.push_back(backend.upstream());
    }
    if (!rollout.to().empty() && std::ranges::find(backends, rollout.to()) == backends.end()) {
      findings_.Report(path + ".to", "this is no backend of the split");
    }
    if (route_.split().backends_size() < 2) {
      findings_.Report(path, "needs a split of two backends at least");
    }
    if (std::ranges::adjacent_find(rollout.steps(), std::greater_equal<>()) !=
        rollout.steps().end()) {
      findings_.Report(path + ".steps", "each step must be larger than the one before");
    }
  }

  void CheckRetry() {
    const std::string path = path_ + ".retry";
    const config::Retry& retry = route_.retry();
    if (ToChrono(retry.backoff().initial()) > ToChrono(retry.backoff().max())) {
      findings_.Report(path + ".backoff.initial", "must not be longer than `max`");
    }
    for (int i = 0; i < retry.on_size(); ++i) {
      if (retry.on(i) == config::STATUS_CODE_OK) {
        findings_.Report(IndexKey(path + ".on", i), "a call that succeeded is not tried again");
      }
    }
  }

  void CheckFallback() {
    const std::string key = path_ + ".fallback";
    CheckName(key, route_.fallback());
    if (route_.has_upstream() && route_.fallback() == route_.upstream()) {
      findings_.Report(key, "must be another upstream than the route's own");
    }
  }

  const std::vector<std::string> upstreams_;
  const config::Route& route_;
  const std::string path_;
  Findings& findings_;
};

}  // namespace

void CheckTraffic(const config::Config& config, const config::Route& route, const std::string& path,
                  UniqueValues& split_names, Findings& findings) {
  RouteTraffic(config, route, path, findings).Check(split_names);
}

}  // namespace puente
