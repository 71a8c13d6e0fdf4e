#include "proxy/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/duration_text.h"
#include "proxy/destination.h"
#include "proxy/method_rules.h"
#include "proxy/transcoding_options.h"

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
  std::erase_if(*routes, [&](const Route& route) {
    return !loaded.config.upstreams().empty() && !FindDestination(loaded.config, *route.method);
  });
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

class SnapshotBuilder {
 public:
  SnapshotBuilder(const LoadedConfig& loaded, Metrics& metrics)
      : loaded_(loaded), metrics_(metrics) {}

  std::shared_ptr<const Snapshot> Build(std::shared_ptr<const DescriptorSet> descriptors,
                                        RouteTable table, const Upstreams& upstreams,
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
    for (const Route& route : snapshot->table_.routes()) {
      const auto destination = FindDestination(config, *route.method);
      snapshot->served_.push_back(
          {snapshot->codec_->ForRoute(route), upstreams.find(destination->upstream)->second,
           destination->timeout, CallsOf(*route.method, destination->upstream),
           BackendOf(destination->upstream),
           std::make_unique<RouteMetrics>(metrics_, route.path.text)});
    }
    return snapshot;
  }

 private:
  std::shared_ptr<CallMetrics> CallsOf(const google::protobuf::MethodDescriptor& method,
                                       const std::string& upstream) {
    std::shared_ptr<CallMetrics>& calls = calls_[&method];
    if (!calls) {
      calls = std::make_shared<CallMetrics>(metrics_, method.service()->full_name(), method.name(),
                                            upstream);
    }
    return calls;
  }

  std::shared_ptr<BackendMetrics> BackendOf(const std::string& upstream) {
    std::shared_ptr<BackendMetrics>& backend = backends_[upstream];
    if (!backend) backend = std::make_shared<BackendMetrics>(metrics_, /*split=*/"", upstream);
    return backend;
  }

  const LoadedConfig& loaded_;
  Metrics& metrics_;
  std::map<const google::protobuf::MethodDescriptor*, std::shared_ptr<CallMetrics>> calls_;
  std::map<std::string, std::shared_ptr<BackendMetrics>> backends_;
};

std::optional<RouteTable> BuildRouteTable(const LoadedConfig& loaded,
                                          std::shared_ptr<const DescriptorSet>& descriptors,
                                          std::vector<Problem>& problems) {
  ReflectedDescriptors reflected;
  if (!loaded.config.descriptors().reflection().empty()) {
    reflected = AskUpstreams(loaded, MakeUpstreams(loaded, /*workers=*/1, problems), problems);
  }
  return LoadTable(loaded, reflected, descriptors, problems);
}

std::shared_ptr<const Snapshot> BuildSnapshot(const LoadedConfig& loaded,
                                              const Upstreams& upstreams,
                                              const ReflectedDescriptors& reflected,
                                              Metrics& metrics, std::vector<Problem>& problems) {
  std::shared_ptr<const DescriptorSet> descriptors;
  auto table = LoadTable(loaded, reflected, descriptors, problems);
  if (!problems.empty() || !table) return nullptr;
  return SnapshotBuilder(loaded, metrics)
      .Build(std::move(descriptors), *std::move(table), upstreams,
             IsComplete(loaded.config, reflected));
}

}  // namespace puente
