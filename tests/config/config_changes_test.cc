#include "config/config_changes.h"

#include <gmock/gmock.h>

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/defaults.h"
#include "config/load_config.h"
#include "config/schema.h"

namespace puente {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// Read whether all of it fits together or not: only the keys count.
LoadedConfig Parse(std::string_view text) {
  return ParseConfig(text, "puente.yaml", [](std::string_view) { return std::nullopt; }).loaded;
}

std::vector<std::string> Texts(const std::vector<ConfigChange>& changes) {
  std::vector<std::string> texts;
  for (const ConfigChange& change : changes) texts.push_back(ToString(change));
  return texts;
}

struct Case {
  const char* name;
  std::string_view before, after;
  std::vector<std::string> changes;
};
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

class ConfigChangesTest : public ::testing::TestWithParam<Case> {};

TEST_P(ConfigChangesTest, Tells) {
  const Case& test = GetParam();
  const auto before = Parse(test.before).config;
  const auto after = Parse(test.after).config;
  EXPECT_THAT(Texts(CompareConfigs(before, after)), ElementsAreArray(test.changes));
  EXPECT_THAT(CompareConfigs(after, after), IsEmpty());
}

constexpr std::string_view kOneUpstream = "upstreams: [{name: a, grpc: {target: 'a:1'}}]";
constexpr std::string_view kTwoUpstreams =
    "upstreams: [{name: b, grpc: {target: 'b:1'}}, {name: a, grpc: {target: 'a:1'}}]";

INSTANTIATE_TEST_SUITE_P(
    Values, ConfigChangesTest,
    ::testing::Values(Case{"Number", "workers: 2", "workers: 3", {"workers: 2 -> 3"}},
                      Case{"DefaultLeftOut", "workers: 2", "admin: {}", {"workers: 2 -> 0"}},
                      Case{"DefaultSpelledOut", "workers: 0", "limits: {max_headers: 100}", {}},
                      Case{"Duration",
                           "drain: {delay: 90s}",
                           "drain: {delay: 250ms}",
                           {"drain.delay: 1m30s -> 250ms"}},
                      Case{"Enum",
                           "transcoding: {codec: DYNAMIC}",
                           "transcoding: {codec: COMPILED}",
                           {"transcoding.codec: DYNAMIC -> COMPILED"}},
                      Case{"Bool",
                           "telemetry: {metrics: {enabled: false}}",
                           "telemetry: {}",
                           {"telemetry.metrics.enabled: false -> true"}},
                      Case{"Unset",
                           "telemetry: {tracing: {}}",
                           "telemetry: {tracing: {sample_ratio: 0.1}}",
                           {"telemetry.tracing.sample_ratio: unset -> 0.1"}},
                      Case{"Text",
                           "admin: {address: '127.0.0.1:1'}",
                           "admin: {address: '127.0.0.1:2'}",
                           {"admin.address: 127.0.0.1:1 -> 127.0.0.1:2"}},
                      Case{"List",
                           "descriptors: {files: [/a.pb]}",
                           "descriptors: {files: [/a.pb, /b.pb]}",
                           {"descriptors.files: [/a.pb] -> [/a.pb, /b.pb]"}},
                      Case{"ListEmptied",
                           "cors: {allow_origins: ['*']}",
                           "cors: {}",
                           {"cors.allow_origins: [*] -> []"}},
                      Case{"ListWithACommaInATextInPlaceOfTwo",
                           "trusted_proxies: ['1, 2']",
                           "trusted_proxies: ['1', '2']",
                           {"trusted_proxies: changed"}},
                      Case{"Section",
                           "telemetry: {}",
                           "telemetry: {access_log: {}}",
                           {"telemetry.access_log: added"}},
                      Case{"SectionGone",
                           "telemetry: {access_log: {}}",
                           "telemetry: {}",
                           {"telemetry.access_log: removed"}},
                      Case{"Several",
                           "workers: 2\ncors: {max_age: 1s}",
                           "workers: 3\ncors: {max_age: 2s}",
                           {"workers: 2 -> 3", "cors.max_age: 1s -> 2s"}}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Lists, ConfigChangesTest,
    ::testing::Values(
        Case{"ElementAdded", kOneUpstream, kTwoUpstreams, {"upstreams[0] (b): added"}},
        Case{"ElementGone", kTwoUpstreams, kOneUpstream, {"upstreams (b): removed"}},
        Case{"ElementRenamed",
             kOneUpstream,
             "upstreams: [{name: c, grpc: {target: 'a:1'}}]",
             {"upstreams[0] (c): added", "upstreams (a): removed"}},
        Case{"ElementChangedAndMoved",
             kOneUpstream,
             "upstreams: [{name: b, grpc: {target: 'b:1'}}, {name: a, grpc: {target: 'a:2'}}]",
             {"upstreams[0] (b): added", "upstreams[1].grpc.target: a:1 -> a:2"}},
        Case{"OrderChanged",
             kTwoUpstreams,
             "upstreams: [{name: a, grpc: {target: 'a:1'}}, {name: b, grpc: {target: 'b:1'}}]",
             {"upstreams: order changed"}},
        Case{"ListenerByItsAddress",
             "listeners: [{address: '127.0.0.1:1'}]",
             "listeners: [{address: '127.0.0.1:2'}]",
             {"listeners[0] (127.0.0.1:2): added", "listeners (127.0.0.1:1): removed"}},
        Case{"ListenerByItsName",
             "listeners: [{name: rest, address: '127.0.0.1:1'}]",
             "listeners: [{name: rest, address: '127.0.0.1:2'}]",
             {"listeners[0].address: 127.0.0.1:1 -> 127.0.0.1:2"}},
        Case{"RouteBeforeAnother",
             "routes: [{match: {service: a.S}, upstream: a}]",
             "routes: [{match: {method: a.S/Get}, upstream: b},"
             " {match: {service: a.S}, upstream: b}]",
             {"routes[0] (a.S/Get): added", "routes[1].upstream: a -> b"}},
        Case{"RoutesWithTheSameMatchByPlace",
             "routes: [{match: {service: a.S}, upstream: a}, {match: {service: a.S}, upstream: b}]",
             "routes: [{match: {service: a.S}, upstream: c}]",
             {"routes[0].upstream: a -> c", "routes[1]: removed"}},
        Case{"ElementsWithoutNamesByPlace",
             "upstreams: [{grpc: {target: 'a:1'}}]",
             "upstreams: [{grpc: {target: 'a:2'}}, {}]",
             {"upstreams[0].grpc.target: a:1 -> a:2", "upstreams[1]: added"}}),
    [](const auto& info) { return info.param.name; });

// Filled by hand: these keys are not all read from files yet.
config::Config WithWeights(std::vector<std::pair<std::string, unsigned>> weights) {
  config::Config config;
  config::Split& split = *config.add_routes()->mutable_split();
  config.mutable_routes(0)->mutable_match()->set_path_prefix("/");
  for (const auto& [upstream, weight] : weights) {
    config::Backend& backend = *split.add_backends();
    backend.set_upstream(upstream);
    backend.set_weight(weight);
  }
  ApplyDefaults(config);
  return config;
}

TEST(ConfigChanges, WeightsAreThoseOfTheUpstream) {
  EXPECT_THAT(Texts(CompareConfigs(WithWeights({{"old", 95}, {"new", 5}}),
                                   WithWeights({{"old", 95}, {"new", 20}}))),
              ElementsAre("routes[0].split.backends[1].weight: 5 -> 20"));
  EXPECT_THAT(Texts(CompareConfigs(WithWeights({{"old", 95}, {"new", 5}}),
                                   WithWeights({{"new", 5}, {"old", 95}}))),
              ElementsAre("routes[0].split.backends: order changed"));
}

TEST(ConfigChanges, SecretsAreNotShown) {
  config::Config before = DefaultConfig();
  config::Config after = before;
  auto& headers = *after.mutable_telemetry()->mutable_tracing()->mutable_otlp_headers();
  before.mutable_telemetry()->mutable_tracing();
  headers["authorization"] = "Bearer hunter2";
  EXPECT_THAT(Texts(CompareConfigs(before, after)),
              ElementsAre("telemetry.tracing.otlp_headers: changed"));
}

TEST(ConfigChanges, NorAreUrlsThatMayHoldOne) {
  const auto with_url = [](const char* url) {
    config::Config config;
    config::Upstream& upstream = *config.add_upstreams();
    upstream.set_name("a");
    upstream.mutable_http()->set_url(url);
    return config;
  };
  const config::Config plain = with_url("http://a:1");
  const std::string key = "upstreams[0].http.url: ";
  EXPECT_THAT(Texts(CompareConfigs(plain, with_url("http://a:2"))),
              ElementsAre(key + "http://a:1 -> http://a:2"));
  for (const char* url : {"http://u:hunter2@a:1", "http://a:1/?token=hunter2"}) {
    EXPECT_THAT(Texts(CompareConfigs(plain, with_url(url))), ElementsAre(key + "changed"));
    EXPECT_THAT(Texts(CompareConfigs(with_url(url), plain)), ElementsAre(key + "changed"));
  }
}

TEST(ConfigChanges, MapsAreShownInOrder) {
  config::Config before;
  auto& claims = *before.mutable_auth()->add_jwt()->mutable_forward_claims();
  before.mutable_auth()->mutable_jwt(0)->set_name("main");
  config::Config after = before;
  claims["sub"] = "x-user";
  auto& more = *after.mutable_auth()->mutable_jwt(0)->mutable_forward_claims();
  more["sub"] = "x-user";
  more["aud"] = "x-aud";
  EXPECT_THAT(
      Texts(CompareConfigs(before, after)),
      ElementsAre("auth.jwt[0].forward_claims: {sub: x-user} -> {aud: x-aud, sub: x-user}"));
}

TEST(ConfigChanges, LinesAreShortAndPrintable) {
  const auto with_name = [](const std::string& name) {
    config::Config config;
    config.mutable_telemetry()->mutable_tracing()->set_service_name(name);
    return config;
  };
  const std::string key = "telemetry.tracing.service_name: ";
  const std::string a(80, 'a');
  EXPECT_THAT(Texts(CompareConfigs(with_name("x"), with_name(a))), ElementsAre(key + "x -> " + a));
  EXPECT_THAT(Texts(CompareConfigs(with_name("x"), with_name(a + "a"))),
              ElementsAre(key + "x -> " + a + "…"));
  EXPECT_THAT(Texts(CompareConfigs(with_name("x"), with_name(a.substr(1) + "é"))),
              ElementsAre(key + "x -> " + a.substr(1) + "…"));
  EXPECT_THAT(Texts(CompareConfigs(with_name(a + "1"), with_name(a + "2"))),
              ElementsAre(key + "changed"));
  EXPECT_THAT(Texts(CompareConfigs(with_name("x"), with_name("a\nb"))),
              ElementsAre(key + "changed"));
  EXPECT_THAT(Texts(CompareConfigs(with_name("x"), with_name(""))), ElementsAre(key + "x -> \"\""));
}

// Sets `field` of `message` to what it is not by default.
void SetSomething(Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (field.is_repeated() && field.message_type() != nullptr) {
    reflection.AddMessage(&message, &field);
  } else if (field.message_type() != nullptr) {
    reflection.MutableMessage(&message, &field);
  } else if (field.is_repeated()) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.AddString(&message, &field, "x");
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection.AddEnumValue(&message, &field, 1);
      default:
        return reflection.AddUInt32(&message, &field, 7);
    }
  } else {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.SetString(&message, &field, "x");
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection.SetEnumValue(&message, &field, 1);
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.SetBool(&message, &field, true);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection.SetDouble(&message, &field, 0.25);
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection.SetUInt64(&message, &field, 7);
      default:
        return reflection.SetUInt32(&message, &field, 7);
    }
  }
}

// For each key of the schema, a configuration that has the sections around it, and the same with
// the key.
using VisitKey = std::function<void(const std::string& key, config::Config& before,
                                    const std::function<void()>& set)>;
void ForEachKey(const VisitKey& visit) {
  using Path = std::vector<const FieldDescriptor*>;
  const std::function<void(const Descriptor&, const Path&)> walk = [&](const Descriptor& type,
                                                                       const Path& path) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      config::Config config;
      Message* section = &config;
      std::string key;
      for (const FieldDescriptor* step : path) {
        const auto& reflection = *section->GetReflection();
        section = step->is_repeated() ? reflection.AddMessage(section, step)
                                      : reflection.MutableMessage(section, step);
        key = JoinKey(key, step->name()) + (step->is_repeated() ? "[0]" : "");
      }
      visit(JoinKey(key, field.name()), config, [&] { SetSomething(*section, field); });
      if (!IsSection(field) || field.is_map()) continue;
      Path deeper = path;
      deeper.push_back(&field);
      walk(*field.message_type(), deeper);
    }
  };
  walk(*config::Config::descriptor(), {});
}

TEST(ConfigChanges, NoKeyIsForgotten) {
  int keys = 0;
  ForEachKey([&](const std::string& key, config::Config& config, const auto& set) {
    const config::Config before = config;
    set();
    const auto changes = CompareConfigs(before, config);
    ASSERT_THAT(changes, ::testing::Not(IsEmpty())) << key;
    // A name that changes makes another element.
    EXPECT_TRUE(changes[0].key.starts_with(key.substr(0, key.find('[')))) << changes[0].key;
    ++keys;
  });
  EXPECT_GT(keys, 150);
}

struct RestartCase {
  std::string_view key;
  bool needs_restart;
};

TEST(NeedsRestart, ByKey) {
  const RestartCase cases[] = {
      {"listeners", true},
      {"listeners[0].tls.certificate", true},
      {"admin.address", true},
      {"workers", true},
      {"telemetry.log.level", true},
      {"limits.max_connections", true},
      {"limits.max_headers", false},
      {"limits", false},
      {"drain.delay", false},
      {"descriptors.files", false},
      {"transcoding.json.unknown_fields", false},
      {"upstreams[3].grpc.target", false},
      {"routes", false},
      {"routes[0].split.backends[1].weight", false},
      {"cors.max_age", false},
      {"trusted_proxies", false},
      {"workers_of_tomorrow", true},
  };
  for (const auto& [key, needs_restart] : cases) {
    EXPECT_EQ(!RestartReason(key).empty(), needs_restart) << key;
  }
}

TEST(NeedsRestart, EveryKeyOfTheSchemaIsDecided) {
  const std::string_view undecided = RestartReason("no_such_key");
  ForEachKey([&](const std::string& key, config::Config&, const auto&) {
    EXPECT_NE(RestartReason(key), undecided) << key;
  });
}

TEST(NeedsRestart, IsToldAtTheLinesOfTheNewFile) {
  const auto before = Parse(
      "listeners: [{name: rest, address: '127.0.0.1:1'}, {name: more, address: '127.0.0.1:2'}]\n"
      "workers: 1\n");
  const auto after = Parse(
      "cors: {max_age: 1s}\n"
      "workers: 2\n"
      "listeners:\n"
      "- name: rest\n"
      "  address: 127.0.0.1:3\n");
  std::vector<std::string> texts;
  for (const Problem& problem :
       NeedsRestart(CompareConfigs(before.config, after.config), after.positions)) {
    texts.push_back(ToString(problem));
  }
  EXPECT_THAT(texts, ElementsAre("puente.yaml:5:3: listeners[0].address: 127.0.0.1:1 -> "
                                 "127.0.0.1:3; this needs a restart, since listeners are opened "
                                 "when the process starts",
                                 "puente.yaml:3:1: listeners: more removed; this needs a restart, "
                                 "since listeners are opened when the process starts",
                                 "puente.yaml:2:1: workers: 1 -> 2; this needs a restart, since "
                                 "threads are started when the process starts"));
}

}  // namespace
}  // namespace puente
