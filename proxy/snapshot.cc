#include "proxy/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/defaults.h"
#include "config/duration_text.h"

namespace puente {
namespace {

constexpr std::string_view kServicesKey = "transcoding.services: ";

// Where the calls of a method go, by the configuration's routes.
struct Destination {
  std::string upstream;
  std::chrono::nanoseconds timeout;
};

bool Matches(const config::Match& match, const google::protobuf::MethodDescriptor& method) {
  if (match.has_service()) return match.service() == method.service()->full_name();
  return match.method() == fmt::format("{}/{}", method.service()->full_name(), method.name());
}

// nullopt: no route names the method.
std::optional<Destination> FindDestination(const config::Config& config,
                                           const google::protobuf::MethodDescriptor& method) {
  if (config.routes().empty()) {
    config::Route defaults;
    ApplyDefaults(defaults);
    return Destination{config.upstreams(0).name(), ToChrono(defaults.timeout())};
  }
  for (const config::Route& route : config.routes()) {
    if (Matches(route.match(), method))
      return Destination{route.upstream(), ToChrono(route.timeout())};
  }
  return std::nullopt;
}

CodecOptions CodecOptionsOf(const config::Config& config) {
  const config::Transcoding& transcoding = config.transcoding();
  const config::Json& json = transcoding.json();
  CodecOptions options;
  options.always_print_fields_with_no_presence = json.always_print_fields_with_no_presence();
  options.preserve_proto_field_names = json.preserve_proto_field_names();
  options.print_enums_as_ints = json.print_enums_as_ints();
  if (json.unknown_fields() == config::Json::UNKNOWN_IGNORE) {
    options.unknown_fields = UnknownInput::kIgnore;
  }
  if (json.unknown_query() == config::Json::UNKNOWN_IGNORE) {
    options.unknown_query = UnknownInput::kIgnore;
  }
  options.plus_is_space = transcoding.query_plus() == config::Transcoding::QUERY_PLUS_SPACE;
  options.max_json_depth = static_cast<int>(config.limits().max_json_depth());
  options.max_query_parameters = static_cast<int>(config.limits().max_query_parameters());
  return options;
}

void AddAll(const Problems& messages, std::string_view key, const SourceMap& positions,
            std::vector<Problem>& problems) {
  for (const std::string& message : messages) problems.push_back(positions.At(key, message));
}

std::shared_ptr<const DescriptorSet> LoadDescriptors(const LoadedConfig& loaded,
                                                     std::vector<Problem>& problems) {
  const std::size_t before = problems.size();
  DescriptorSetBuilder builder;
  const auto& files = loaded.config.descriptors().files();
  for (int i = 0; i < files.size(); ++i) {
    AddAll(builder.AddFile(files[i]), IndexKey("descriptors.files", static_cast<std::size_t>(i)),
           loaded.positions, problems);
  }
  // A set that lacks a file for what it could not read would only repeat the complaint.
  if (problems.size() > before || files.empty()) return nullptr;
  auto set = std::move(builder).Build();
  if (!set) {
    AddAll(set.error(), "descriptors.files", loaded.positions, problems);
    return nullptr;
  }
  return *std::move(set);
}

RouteOptions RouteOptionsOf(const config::Transcoding& transcoding) {
  RouteOptions options;
  options.services.assign(transcoding.services().begin(), transcoding.services().end());
  if (transcoding.auto_routes() == config::Transcoding::AUTO_ROUTES_OFF) {
    options.auto_routes = AutoRoutes::kOff;
  }
  return options;
}

std::optional<RouteTable> CompileTable(const LoadedConfig& loaded, const DescriptorSet& descriptors,
                                       std::vector<Problem>& problems) {
  auto routes = CompileRoutes(descriptors, RouteOptionsOf(loaded.config.transcoding()));
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

using Upstreams = std::map<std::string, std::shared_ptr<GrpcUpstream>, std::less<>>;

Upstreams MakeUpstreams(const LoadedConfig& loaded, std::vector<Problem>& problems) {
  Upstreams upstreams;
  for (int i = 0; i < loaded.config.upstreams_size(); ++i) {
    const config::Upstream& upstream = loaded.config.upstreams(i);
    if (!upstream.has_grpc()) continue;
    std::vector<Problem> found;
    upstreams[upstream.name()] = GrpcUpstream::Make(upstream, found);
    for (const Problem& problem : found) {
      problems.push_back(loaded.positions.At(
          JoinKey(IndexKey("upstreams", static_cast<std::size_t>(i)), problem.key),
          problem.message));
    }
  }
  return upstreams;
}

}  // namespace

class SnapshotBuilder {
 public:
  SnapshotBuilder(const LoadedConfig& loaded, Metrics& metrics)
      : loaded_(loaded), metrics_(metrics) {}

  std::shared_ptr<const Snapshot> Build(std::shared_ptr<const DescriptorSet> descriptors,
                                        RouteTable table, const Upstreams& upstreams) {
    const config::Config& config = loaded_.config;
    std::shared_ptr<Snapshot> snapshot(new Snapshot(descriptors, std::move(table)));
    snapshot->codec_ = MakeDynamicCodec(std::move(descriptors), CodecOptionsOf(config));
    snapshot->max_response_body_bytes_ = config.limits().max_response_body_bytes();
    snapshot->trusted_proxies_ =
        TrustedProxies({config.trusted_proxies().begin(), config.trusted_proxies().end()});
    for (const Route& route : snapshot->table_.routes()) {
      const auto destination = FindDestination(config, *route.method);
      snapshot->served_.push_back(
          {snapshot->codec_->ForRoute(route), upstreams.find(destination->upstream)->second,
           destination->timeout, MetricsOf(*route.method, destination->upstream)});
    }
    return snapshot;
  }

 private:
  // One for all bindings of a method.
  std::shared_ptr<CallMetrics> MetricsOf(const google::protobuf::MethodDescriptor& method,
                                         const std::string& upstream) {
    std::shared_ptr<CallMetrics>& metrics = calls_[&method];
    if (!metrics) {
      metrics = std::make_shared<CallMetrics>(metrics_, method.service()->full_name(),
                                              method.name(), upstream);
    }
    return metrics;
  }

  const LoadedConfig& loaded_;
  Metrics& metrics_;
  std::map<const google::protobuf::MethodDescriptor*, std::shared_ptr<CallMetrics>> calls_;
};

std::optional<RouteTable> BuildRouteTable(const LoadedConfig& loaded,
                                          std::shared_ptr<const DescriptorSet>& descriptors,
                                          std::vector<Problem>& problems) {
  descriptors = LoadDescriptors(loaded, problems);
  if (!descriptors) return std::nullopt;
  CheckMatches(loaded, descriptors->pool(), problems);
  return CompileTable(loaded, *descriptors, problems);
}

std::shared_ptr<const Snapshot> BuildSnapshot(const LoadedConfig& loaded, Metrics& metrics,
                                              std::vector<Problem>& problems) {
  std::shared_ptr<const DescriptorSet> descriptors;
  auto table = BuildRouteTable(loaded, descriptors, problems);
  const Upstreams upstreams = MakeUpstreams(loaded, problems);
  if (!problems.empty() || !table) return nullptr;
  return SnapshotBuilder(loaded, metrics)
      .Build(std::move(descriptors), *std::move(table), upstreams);
}

}  // namespace puente
