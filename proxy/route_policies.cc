#include "proxy/route_policies.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <map>
#include <utility>

#include "config/defaults.h"
#include "config/duration_text.h"
#include "proxy/destination.h"
#include "proxy/random.h"
#include "transcoder/origin_headers.h"
#include "transcoder/uri.h"

namespace puente {

using google::protobuf::util::MessageDifferencer;

namespace {

const Backend* FindBackend(const RoutePolicy& policy, std::string_view name) {
  const auto found = std::ranges::find(policy.backends, name, &Backend::name);
  return found == policy.backends.end() ? nullptr : &*found;
}

}  // namespace

// Takes one configuration apart.
class RoutePolicyBuilder {
 public:
  RoutePolicyBuilder(RoutePolicies& policies, const Upstreams& upstreams, Metrics& metrics,
                     const RoutePolicies* previous)
      : policies_(policies), upstreams_(upstreams), metrics_(metrics), previous_(previous) {}

  void AddOnlyUpstream(const config::Config& config) {
    const auto route = RouteToOnlyUpstream(config);
    if (route) Keep(*route, 0);
  }

  void Add(const config::Route& route, int order) {
    const auto policy = Keep(route, order);
    if (!route.match().has_path_prefix()) return;
    const std::string& prefix = route.match().path_prefix();
    const std::string label = PrefixLabel(prefix);
    policies_.prefixes_.push_back(
        {prefix, label, policy, std::make_unique<RouteMetrics>(metrics_, label)});
  }

 private:
  std::shared_ptr<const RoutePolicy> Keep(const config::Route& route, int order) {
    before_ = nullptr;
    before_config_ = nullptr;
    FindPrevious(route);
    auto policy = std::make_shared<RoutePolicy>();
    policy->order = order;
    policy->timeout = ToChrono(route.timeout());
    AddBackends(route, *policy);
    AddSplit(route, *policy);
    if (route.has_retry()) policy->retry.emplace(RetryingOf(route));
    if (route.has_shadow()) policy->shadow.emplace(ShadowOf(route));
    policies_.all_.push_back(policy);
    policies_.configs_.push_back(route);
    return policy;
  }

  // The route that took the same requests before.
  void FindPrevious(const config::Route& route) {
    if (previous_ == nullptr) return;
    for (std::size_t i = 0; i < previous_->configs_.size(); ++i) {
      if (!MessageDifferencer::Equals(previous_->configs_[i].match(), route.match())) continue;
      before_ = previous_->all_[i].get();
      before_config_ = &previous_->configs_[i];
      return;
    }
  }

  void AddBackends(const config::Route& route, RoutePolicy& policy) {
    policy.split_name = route.has_split() ? route.split().name() : "";
    if (route.has_split()) {
      for (const config::Backend& backend : route.split().backends()) {
        policy.backends.push_back(BackendOf(route, policy.split_name, backend.upstream()));
      }
    } else {
      policy.backends.push_back(BackendOf(route, policy.split_name, route.upstream()));
    }
    if (route.has_fallback()) {
      const Backend* known = FindBackend(policy, route.fallback());
      policy.fallback =
          known != nullptr ? *known : BackendOf(route, policy.split_name, route.fallback());
    }
  }

  // The upstream alone. That is all of a shadow's: nobody waits for copies, and nothing is counted
  // as the upstream's answers to clients.
  Backend At(const std::string& upstream) const {
    Backend backend;
    if (const auto grpc = upstreams_.grpc.find(upstream); grpc != upstreams_.grpc.end()) {
      backend.grpc = grpc->second;
    }
    if (const auto http = upstreams_.http.find(upstream); http != upstreams_.http.end()) {
      backend.http = http->second;
    }
    return backend;
  }

  Backend BackendOf(const config::Route& route, const std::string& split,
                    const std::string& upstream) {
    Backend backend = At(upstream);
    backend.metrics = MetricsOf(split, upstream);
    backend.breaker = BreakerOf(route, backend);
    if (route.has_rollout()) backend.stats = StatsOf(split, upstream);
    return backend;
  }

  std::shared_ptr<BackendMetrics> MetricsOf(const std::string& split, const std::string& upstream) {
    std::shared_ptr<BackendMetrics>& metrics = backend_metrics_[{split, upstream}];
    if (!metrics) metrics = std::make_shared<BackendMetrics>(metrics_, split, upstream);
    return metrics;
  }

  const Backend* Before(std::string_view upstream) const {
    if (before_ == nullptr) return nullptr;
    if (const Backend* backend = FindBackend(*before_, upstream)) return backend;
    const bool is_fallback = before_->fallback && before_->fallback->name() == upstream;
    return is_fallback ? &*before_->fallback : nullptr;
  }

  // That of a server that was elsewhere before says nothing of the one that is there now.
  std::shared_ptr<CircuitBreaker> BreakerOf(const config::Route& route,
                                            const Backend& backend) const {
    if (!route.has_circuit_breaker() && !route.has_fallback()) return nullptr;
    const Backend* before = Before(backend.name());
    const bool same =
        before != nullptr && before->breaker && before->grpc == backend.grpc &&
        before->http == backend.http &&
        MessageDifferencer::Equals(before_config_->circuit_breaker(), route.circuit_breaker());
    if (same) return before->breaker;
    config::CircuitBreaker settings = route.circuit_breaker();
    ApplyDefaults(settings);
    return std::make_shared<CircuitBreaker>(settings);
  }

  // They belong to the split, as the rollout that looks at them does, whatever it matches.
  std::shared_ptr<TrafficStats> StatsOf(const std::string& split,
                                        const std::string& upstream) const {
    const RoutePolicy* policy = previous_ == nullptr ? nullptr : previous_->WithSplit(split);
    const Backend* before = policy == nullptr ? nullptr : FindBackend(*policy, upstream);
    return before != nullptr && before->stats ? before->stats : std::make_shared<TrafficStats>();
  }

  void AddSplit(const config::Route& route, RoutePolicy& policy) {
    policy.split_metrics.emplace(metrics_.OfSplit(policy.split_name));
    if (!route.has_split()) return;
    const RoutePolicy* before =
        previous_ == nullptr ? nullptr : previous_->WithSplit(policy.split_name);
    policy.split =
        Split::Next(route.split(), before == nullptr ? nullptr : before->split, RandomBits());
    policy.override_header = ToLowerCase(route.split().override_header());
    if (route.split().has_sticky()) policy.sticky.emplace(route.split().sticky());
    if (route.has_rollout()) policy.rollout = RolloutOf(route, policy, before);
  }

  std::shared_ptr<RolloutRun> RolloutOf(const config::Route& route, const RoutePolicy& policy,
                                        const RoutePolicy* before) const {
    const bool same_split = before != nullptr && before->rollout && before->split == policy.split &&
                            before->rollout->MovesSplitOf(route);
    if (same_split && before->rollout->IsOf(route)) return before->rollout;
    std::vector<std::shared_ptr<TrafficStats>> stats;
    for (const Backend& backend : policy.backends) stats.push_back(backend.stats);
    return std::make_shared<RolloutRun>(
        route, policy.split, std::move(stats), *policy.split_metrics,
        same_split ? RolloutRun::Beginning::kPaused : RolloutRun::Beginning::kFirstStep);
  }

  Retrying RetryingOf(const config::Route& route) const {
    const bool same = before_ != nullptr && before_->retry &&
                      MessageDifferencer::Equals(before_config_->retry(), route.retry());
    return {RetryPolicy(route.retry()),
            same ? before_->retry->budget : std::make_shared<RetryBudget>(route.retry())};
  }

  ShadowPolicy ShadowOf(const config::Route& route) {
    const config::Shadow& config = route.shadow();
    ShadowPolicy shadow;
    shadow.backend = At(config.upstream());
    shadow.percent = config.percent();
    shadow.unsafe_methods = config.methods() == config::Shadow::METHODS_ALL;
    shadow.max_in_flight = config.max_in_flight();
    shadow.max_body_bytes = config.max_body_bytes();
    shadow.timeout = ToChrono(config.has_timeout() ? config.timeout() : route.timeout());
    shadow.compares = config.compare();
    const std::vector<std::string> ignored(config.ignore_fields().begin(),
                                           config.ignore_fields().end());
    if (auto parsed = IgnoredFields::Parse(ignored)) shadow.ignored = *std::move(parsed);
    const bool same = before_ != nullptr && before_->shadow &&
                      MessageDifferencer::Equals(before_config_->shadow(), config);
    shadow.differences = same ? before_->shadow->differences : std::make_shared<DifferenceLog>();
    shadow.in_flight =
        same ? before_->shadow->in_flight : std::make_shared<std::atomic<std::uint32_t>>(0);
    return shadow;
  }

  RoutePolicies& policies_;
  const Upstreams& upstreams_;
  Metrics& metrics_;
  const RoutePolicies* const previous_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<BackendMetrics>> backend_metrics_;
  // Of the route that is being built; nullptr for a new one.
  const RoutePolicy* before_ = nullptr;
  const config::Route* before_config_ = nullptr;
};

bool UsesGrpc(const RoutePolicy& policy) {
  return std::ranges::any_of(policy.backends, [](const Backend& b) { return b.grpc != nullptr; }) ||
         (policy.fallback && policy.fallback->grpc) ||
         (policy.shadow && policy.shadow->backend.grpc);
}

bool UsesHttp(const RoutePolicy& policy) {
  return std::ranges::any_of(policy.backends, [](const Backend& b) { return b.http != nullptr; });
}

RoutePolicies::RoutePolicies(const config::Config& config, const Upstreams& upstreams,
                             Metrics& metrics, const RoutePolicies* previous) {
  RoutePolicyBuilder builder(*this, upstreams, metrics, previous);
  if (config.routes().empty()) builder.AddOnlyUpstream(config);
  for (int i = 0; i < config.routes_size(); ++i) builder.Add(config.routes(i), i);
}

void RoutePolicies::Adopt(const RoutePolicies* previous) const {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (!all_[i]->split) continue;
    const RoutePolicy* before =
        previous == nullptr ? nullptr : previous->WithSplit(all_[i]->split_name);
    all_[i]->split->Adopt(configs_[i].split(), before == nullptr ? nullptr : before->split.get());
  }
}

std::shared_ptr<const RoutePolicy> RoutePolicies::Of(
    const google::protobuf::MethodDescriptor& method) const {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (Names(configs_[i], method)) return all_[i];
  }
  return nullptr;
}

const PrefixRoute* RoutePolicies::ForPath(std::string_view path) const {
  for (const PrefixRoute& route : prefixes_) {
    if (HasPathPrefix(path, route.prefix)) return &route;
  }
  return nullptr;
}

const RoutePolicy* RoutePolicies::WithSplit(std::string_view name) const {
  for (const auto& policy : all_) {
    if (policy->split && policy->split_name == name) return policy.get();
  }
  return nullptr;
}

}  // namespace puente
