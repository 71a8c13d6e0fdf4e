#include "proxy/telemetry/tracing/resource.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "proxy/random.h"
#include "proxy/telemetry/tracing/otel_environment.h"
#include "proxy/version.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

constexpr std::string_view kVariable = "OTEL_RESOURCE_ATTRIBUTES";

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

class ResourceBuilder {
 public:
  void Set(std::string_view key, std::variant<std::string, std::int64_t> value) {
    const auto same = std::ranges::find(attributes_, key, &ResourceAttribute::key);
    if (same != attributes_.end()) {
      same->value = std::move(value);
    } else {
      attributes_.push_back({std::string(key), std::move(value)});
    }
  }

  std::vector<ResourceAttribute> Take() { return std::move(attributes_); }

 private:
  std::vector<ResourceAttribute> attributes_;
};

void AddOwn(ResourceBuilder& resource) {
  resource.Set("service.name", "puente");
  resource.Set("service.version", std::string(kVersion));
  resource.Set("service.instance.id", NewUuid());
  if (std::string host = HostName(); !host.empty()) resource.Set("host.name", std::move(host));
  resource.Set("process.pid", std::int64_t{getpid()});
  resource.Set("telemetry.sdk.name", "puente");
  resource.Set("telemetry.sdk.language", "cpp");
  resource.Set("telemetry.sdk.version", std::string(kVersion));
}

void AddFromVariable(const OtelEnvironment& environment, ResourceBuilder& resource) {
  const auto variable = environment.Find({kVariable});
  if (!variable) return;
  const auto pairs = ParsePairs(variable->value);
  const auto is_text = [](const auto& pair) { return IsUtf8(pair.first) && IsUtf8(pair.second); };
  if (!pairs || !std::ranges::all_of(*pairs, is_text)) {
    WarnOfVariable(kVariable, "expected pairs such as `key=value,key=value`, percent-encoded",
                   "none of them is used");
    return;
  }
  for (const auto& [key, value] : *pairs) {
    if (!key.starts_with("telemetry.sdk.")) resource.Set(key, value);
  }
}

}  // namespace

std::vector<ResourceAttribute> MakeResource(std::string_view service_name,
                                            const Environment& environment) {
  const OtelEnvironment otel(environment);
  ResourceBuilder resource;
  AddOwn(resource);
  AddFromVariable(otel, resource);
  if (!service_name.empty()) {
    resource.Set("service.name", std::string(service_name));
  } else if (const auto name = otel.Find({"OTEL_SERVICE_NAME"})) {
    resource.Set("service.name", ReplaceInvalidUtf8(name->value));
  }
  return resource.Take();
}

}  // namespace puente
