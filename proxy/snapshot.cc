#include "proxy/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "config/duration_text.h"
#include "proxy/destination.h"
#include "proxy/method_rules.h"
#include "proxy/transcoding_options.h"
#include "transcoder/comparison/ignored_fields.h"

namespace puente {
namespace {

constexpr std::string_view kServicesKey = "transcoding.services: ";

void AddAll(const Problems& messages, std::string_view key, const SourceMap& positions,
            std::vector<Problem>& problems) {
  for (const std::string& message : messages) problems.push_back(positions.At(key, message));
}

std::optional<RouteTable> CompileTable(const LoadedConfig& loaded, const RouteOptions& options,
                                       const DescriptorSet& descriptors,
                                       std::vector<Problem>& problems) {
  auto routes = CompileRoutes(descriptors, options);
  if (!routes) {
    for (const std::string& message : routes.error()) {
      // Problems with a key of the configuration name it themselves.
      const bool of_services = message.starts_with(kServicesKey);
      problems.push_back(
          loaded.positions.At(of_services ? "transcoding.services" : "transcoding",
                              of_services ? message.substr(kServicesKey.size()) : message));
    }
    return std::nullopt;
  }
  if (!loaded.config.upstreams().empty()) {
    std::erase_if(*routes,
                  [&](const Route& route) { return !MayBeServed(loaded.config, *route.method); });
  }
  const bool ignore_slash =
      loaded.config.transcoding().trailing_slash() == config::Transcoding::TRAILING_SLASH_IGNORE;
  auto table = RouteTable::Build(*std::move(routes), {.ignore_trailing_slash = ignore_slash});
  if (!table) {
    AddAll(table.error(), "transcoding", loaded.positions, problems);
    return std::nullopt;
  }
  return *std::move(table);
}

// What a route's match names must be there: a misspelled service would send its calls elsewhere.
void CheckMatches(const LoadedConfig& loaded, const google::protobuf::DescriptorPool& pool,
                  std::vector<Problem>& problems) {
  for (int i = 0; i < loaded.config.routes_size(); ++i) {
    const config::Match& match = loaded.config.routes(i).match();
    const std::string key = IndexKey("routes", static_cast<std::size_t>(i)) + ".match";
    if (match.has_service() && pool.FindServiceByName(match.service()) == nullptr) {
      problems.push_back(loaded.positions.At(
          key + ".service", fmt::format("the descriptors have no service `{}`", match.service())));
    }
    if (!match.has_method()) continue;
    std::string name = match.method();
    std::replace(name.begin(), name.end(), '/', '.');
    if (pool.FindMethodByName(name) == nullptr) {
      problems.push_back(loaded.positions.At(
          key + ".method", fmt::format("the descriptors have no method `{}`", match.method())));
    }
  }
}

// The types of the answers that a route's methods give; empty where any may be.
std::vector<const google::protobuf::Descriptor*> AnswersOf(
    const config::Match& match, const google::protobuf::DescriptorPool& pool) {
  std::vector<const google::protobuf::Descriptor*> types;
  if (const auto* service = pool.FindServiceByName(match.service())) {
    for (int i = 0; i < service->method_count(); ++i) {
      types.push_back(service->method(i)->output_type());
    }
  }
  std::string name = match.method();
  std::replace(name.begin(), name.end(), '/', '.');
  if (const auto* method = pool.FindMethodByName(name)) types.push_back(method->output_type());
  return types;
}

// A field that is misspelled would go on to be compared.
void CheckIgnoredFields(const LoadedConfig& loaded, const google::protobuf::DescriptorPool& pool,
                        std::vector<Problem>& problems) {
  for (int i = 0; i < loaded.config.routes_size(); ++i) {
    const config::Route& route = loaded.config.routes(i);
    const auto types = AnswersOf(route.match(), pool);
    for (int j = 0; j < route.shadow().ignore_fields_size(); ++j) {
      const std::string& path = route.shadow().ignore_fields(j);
      const std::string key =
          IndexKey(IndexKey("routes", static_cast<std::size_t>(i)) + ".shadow.ignore_fields",
                   static_cast<std::size_t>(j));
      const auto parsed = IgnoredFields::Parse(std::span(&path, 1));
      if (!parsed) problems.push_back(loaded.positions.At(key, parsed.error().message));
      if (!parsed || types.empty()) continue;
      const bool known = std::ranges::any_of(
          types, [&](const auto* type) { return CheckIgnoredField(*type, path).has_value(); });
      if (known) continue;
      problems.push_back(
          loaded.positions.At(key, fmt::format("no answer of the route has a field `{}`", path)));
    }
  }
}

// While descriptors are awaited, what they lack may come with the others. False: nothing of what is
// to be served is there.
bool KeepKnown(const DescriptorSet& descriptors, std::vector<std::string>& services) {
  if (services.empty()) return true;
  std::erase_if(services, [&](const std::string& service) {
    return descriptors.pool().FindServiceByName(service) == nullptr;
  });
  return !services.empty();
}

std::optional<RouteTable> LoadTable(const LoadedConfig& loaded,
                                    const ReflectedDescriptors& reflected,
                                    std::shared_ptr<const DescriptorSet>& descriptors,
                                    std::vector<Problem>& problems) {
  const auto rules = ReadRulesFile(loaded, problems);
  descriptors = LoadDescriptors(loaded, reflected, problems);
  if (!descriptors) return std::nullopt;
  const bool complete = IsComplete(loaded.config, reflected);
  if (complete) CheckMatches(loaded, descriptors->pool(), problems);
  if (complete) CheckIgnoredFields(loaded, descriptors->pool(), problems);
  if (!rules) return std::nullopt;
  RouteOptions options = RouteOptionsOf(loaded.config.transcoding());
  if (!complete && !KeepKnown(*descriptors, options.services)) return *RouteTable::Build({});
  std::vector<Problem> awaited;
  options.rules =
      ResolveRules(*rules, *descriptors, options.services, complete ? problems : awaited);
  return CompileTable(loaded, options, *descriptors, problems);
}

std::unique_ptr<const Codec> MakeCodec(std::shared_ptr<const DescriptorSet> descriptors,
                                       const config::Config& config) {
  const bool is_dynamic = config.transcoding().codec() == config::Transcoding::CODEC_DYNAMIC;
  const auto make = is_dynamic ? MakeDynamicCodec : MakeCompiledCodec;
  return make(std::move(descriptors), CodecOptionsOf(config));
}

}  // namespace

const CallsAt& ServedRoute::CallsTo(const GrpcUpstream& upstream) const {
  return *std::ranges::find(*calls, &upstream, &CallsAt::upstream);
}

class SnapshotBuilder {
 public:
  SnapshotBuilder(const LoadedConfig& loaded, Metrics& metrics)
      : loaded_(loaded), metrics_(metrics) {}

  std::shared_ptr<const Snapshot> Build(std::shared_ptr<const DescriptorSet> descriptors,
                                        RouteTable table,
                                        std::shared_ptr<const RoutePolicies> policies,
                                        bool complete) {
    const config::Config& config = loaded_.config;
    std::shared_ptr<Snapshot> snapshot(
        new Snapshot(descriptors, std::move(table), Redaction::For(config.telemetry())));
    snapshot->codec_ = MakeCodec(std::move(descriptors), config);
    snapshot->complete_ = complete;
    snapshot->max_response_body_bytes_ = config.limits().max_response_body_bytes();
    snapshot->body_limits_ = {.max_bytes = config.limits().max_request_body_bytes(),
                              .max_expansion_ratio = config.limits().max_expansion_ratio()};
    snapshot->idle_timeout_ = ToChrono(config.limits().idle_timeout());
    snapshot->error_body_ = ErrorBodyOptionsOf(config, snapshot->descriptors_->pool());
    snapshot->trusted_proxies_ =
        TrustedProxies({config.trusted_proxies().begin(), config.trusted_proxies().end()});
    snapshot->cors_ = Cors(config.cors());
    snapshot->policies_ = std::move(policies);
    for (const Route& route : snapshot->table_.routes()) {
      const OfMethod& metrics = MetricsOf(*route.method, *snapshot->policies_);
      snapshot->served_.push_back(
          {snapshot->codec_->ForRoute(route), snapshot->policies_->Of(*route.method), metrics.calls,
           metrics.unknown_fields, std::make_unique<RouteMetrics>(metrics_, route.path.text)});
    }
    return snapshot;
  }

 private:
  struct OfMethod {
    std::shared_ptr<const std::vector<CallsAt>> calls;
    std::shared_ptr<UnknownFieldMetrics> unknown_fields;
  };

  const OfMethod& MetricsOf(const google::protobuf::MethodDescriptor& method,
                            const RoutePolicies& policies) {
    OfMethod& known = methods_[&method];
    if (known.calls) return known;
    auto calls = std::make_shared<std::vector<CallsAt>>();
    if (const auto policy = policies.Of(method)) AddCalls(method, *policy, *calls);
    for (const PrefixRoute& route : policies.prefixes()) AddCalls(method, *route.policy, *calls);
    known.calls = std::move(calls);
    known.unknown_fields = std::make_shared<UnknownFieldMetrics>(metrics_, method.name());
    return known;
  }

  void AddCalls(const google::protobuf::MethodDescriptor& method, const RoutePolicy& policy,
                std::vector<CallsAt>& calls) {
    for (const Backend& backend : policy.backends) CallsTo(backend, method, calls);
    if (policy.fallback) CallsTo(*policy.fallback, method, calls);
    if (!policy.shadow) return;
    CallsAt* at = CallsTo(policy.shadow->backend, method, calls);
    if (at != nullptr && !at->shadow) at->shadow = MakeCalls(*at->upstream, method, "shadow");
  }

  // nullptr for an HTTP upstream.
  CallsAt* CallsTo(const Backend& backend, const google::protobuf::MethodDescriptor& method,
                   std::vector<CallsAt>& calls) {
    if (!backend.grpc) return nullptr;
    const auto known = std::ranges::find(calls, backend.grpc.get(), &CallsAt::upstream);
    if (known != calls.end()) return &*known;
    calls.push_back({backend.grpc.get(), MakeCalls(*backend.grpc, method, "live"), nullptr});
    return &calls.back();
  }

  std::shared_ptr<CallMetrics> MakeCalls(const GrpcUpstream& upstream,
                                         const google::protobuf::MethodDescriptor& method,
                                         const char* traffic) {
    return std::make_shared<CallMetrics>(metrics_, method.service()->full_name(), method.name(),
                                         upstream.name(), traffic);
  }

  const LoadedConfig& loaded_;
  Metrics& metrics_;
  std::map<const google::protobuf::MethodDescriptor*, OfMethod> methods_;
};

std::optional<RouteTable> BuildRouteTable(const LoadedConfig& loaded,
                                          std::shared_ptr<const DescriptorSet>& descriptors,
                                          std::vector<Problem>& problems) {
  ReflectedDescriptors reflected;
  if (!loaded.config.descriptors().reflection().empty()) {
    reflected = AskUpstreams(loaded, MakeUpstreams(loaded, /*workers=*/1, nullptr, problems).grpc,
                             problems);
  }
  return LoadTable(loaded, reflected, descriptors, problems);
}

std::shared_ptr<const Snapshot> BuildSnapshot(const LoadedConfig& loaded,
                                              std::shared_ptr<const RoutePolicies> policies,
                                              const ReflectedDescriptors& reflected,
                                              Metrics& metrics, std::vector<Problem>& problems) {
  std::shared_ptr<const DescriptorSet> descriptors;
  auto table = LoadTable(loaded, reflected, descriptors, problems);
  if (!problems.empty() || !table) return nullptr;
  return SnapshotBuilder(loaded, metrics)
      .Build(std::move(descriptors), *std::move(table), std::move(policies),
             IsComplete(loaded.config, reflected));
}

}  // namespace puente
