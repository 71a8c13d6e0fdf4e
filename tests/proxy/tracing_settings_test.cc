#include "proxy/telemetry/tracing/tracing_settings.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <functional>
#include <map>

#include "proxy/version.h"
#include "tests/proxy/logged_lines.h"
#include "tests/proxy/sample_span.h"

namespace puente {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test::EnvironmentOf;
using test::LoggedLines;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using Kind = SamplerSettings::Kind;
using Variables = std::map<std::string, std::string, std::less<>>;

const Variables kOn = {{"OTEL_TRACES_EXPORTER", "otlp"}};

std::optional<TracingSettings> Make(const config::Telemetry& telemetry, Variables variables) {
  std::vector<Problem> problems;
  auto settings = MakeTracingSettings(telemetry, EnvironmentOf(std::move(variables)), problems);
  EXPECT_THAT(problems, IsEmpty());
  return settings;
}

TracingSettings MakeOn(Variables variables, const config::Telemetry& telemetry = {}) {
  variables.insert(kOn.begin(), kOn.end());
  return Make(telemetry, std::move(variables)).value();
}

config::Telemetry WithSection() {
  config::Telemetry telemetry;
  telemetry.mutable_tracing();
  return telemetry;
}

std::string TextOf(const TracingSettings& settings, std::string_view key) {
  for (const ResourceAttribute& attribute : settings.resource) {
    if (attribute.key == key) return std::get<std::string>(attribute.value);
  }
  return "(none)";
}

TEST(TracingSettingsTest, WhetherSpansAreExported) {
  struct Case {
    bool section;
    Variables variables;
    bool exported;
    std::string_view warning = "";
  };
  const Case cases[] = {
      {false, {}, false},
      {true, {}, true},
      {false, {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"}}, true},
      {false, {{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4317"}}, true},
      {false, {{"OTEL_EXPORTER_OTLP_ENDPOINT", ""}}, false},
      {false, {{"OTEL_TRACES_EXPORTER", "otlp"}}, true},
      {false, {{"OTEL_TRACES_EXPORTER", "none"}}, false},
      {false,
       {{"OTEL_TRACES_EXPORTER", "none"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:1"}},
       false},
      {false, {{"OTEL_TRACES_EXPORTER", "zipkin"}}, false, "OTEL_TRACES_EXPORTER"},
      {false, {{"OTEL_TRACES_EXPORTER", "console,otlp"}}, true, "`console`"},
      {false,
       {{"OTEL_TRACES_EXPORTER", "zipkin"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:1"}},
       true,
       "OTEL_TRACES_EXPORTER"},
      {true, {{"OTEL_TRACES_EXPORTER", "none"}}, true},
      {true, {{"OTEL_SDK_DISABLED", "true"}}, false},
      {true, {{"OTEL_SDK_DISABLED", "TRUE"}}, false},
      {true, {{"OTEL_SDK_DISABLED", "1"}}, true, "OTEL_SDK_DISABLED"},
      {true, {{"OTEL_SDK_DISABLED", "false"}}, true},
      {false, {{"OTEL_SDK_DISABLED", "true"}, {"OTEL_TRACES_EXPORTER", "otlp"}}, false},
  };
  for (const Case& c : cases) {
    const LoggedLines log;
    EXPECT_EQ(Make(c.section ? WithSection() : config::Telemetry(), c.variables).has_value(),
              c.exported)
        << testing::PrintToString(c.variables);
    if (c.warning.empty()) {
      EXPECT_THAT(log.Get(), IsEmpty());
    } else {
      EXPECT_THAT(log.Text(), HasSubstr(std::string(c.warning)));
    }
  }
}

TEST(TracingSettingsTest, Sampler) {
  struct Case {
    Variables variables;
    SamplerSettings expected;
    bool warned = false;
  };
  const auto with = [](std::string name, std::string argument = "") {
    return Variables{{"OTEL_TRACES_SAMPLER", std::move(name)},
                     {"OTEL_TRACES_SAMPLER_ARG", std::move(argument)}};
  };
  const Case cases[] = {
      {{}, {Kind::kParentBasedAlwaysOn, 1}},
      {with("always_on", "0.5"), {Kind::kAlwaysOn, 1}},
      {with("always_off"), {Kind::kAlwaysOff, 1}},
      {with("traceidratio", "0.25"), {Kind::kTraceIdRatio, 0.25}},
      {with("traceidratio"), {Kind::kTraceIdRatio, 1}},
      {with("traceidratio", "2"), {Kind::kTraceIdRatio, 1}, true},
      {with("traceidratio", "nan"), {Kind::kTraceIdRatio, 1}, true},
      {with("traceidratio", "0.5x"), {Kind::kTraceIdRatio, 1}, true},
      {with("parentbased_always_on"), {Kind::kParentBasedAlwaysOn, 1}},
      {with("parentbased_always_off"), {Kind::kParentBasedAlwaysOff, 1}},
      {with("parentbased_traceidratio", "1e-3"), {Kind::kParentBasedTraceIdRatio, 0.001}},
      {with("jaeger_remote"), {Kind::kParentBasedAlwaysOn, 1}, true},
  };
  for (const Case& c : cases) {
    const LoggedLines log;
    EXPECT_EQ(MakeOn(c.variables).sampler, c.expected) << testing::PrintToString(c.variables);
    EXPECT_EQ(!log.Get().empty(), c.warned) << log.Text();
  }
  config::Telemetry telemetry = WithSection();
  telemetry.mutable_tracing()->set_sample_ratio(0);
  EXPECT_EQ(MakeOn(with("always_on"), telemetry).sampler,
            (SamplerSettings{Kind::kParentBasedTraceIdRatio, 0}));
}

TEST(TracingSettingsTest, Batches) {
  struct Case {
    Variables variables;
    BatchSettings expected;
    bool warned = false;
  };
  const Case cases[] = {
      {{}, {5s, 2048, 512}},
      {{{"OTEL_BSP_SCHEDULE_DELAY", "100"},
        {"OTEL_BSP_MAX_QUEUE_SIZE", "50"},
        {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "20"}},
       {100ms, 50, 20}},
      {{{"OTEL_BSP_MAX_QUEUE_SIZE", "50"}}, {5s, 50, 50}},
      {{{"OTEL_BSP_MAX_QUEUE_SIZE", "50"}, {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "60"}},
       {5s, 50, 50},
       true},
      {{{"OTEL_BSP_SCHEDULE_DELAY", "0"}}, {5s, 2048, 512}, true},
      {{{"OTEL_BSP_SCHEDULE_DELAY", "5s"}}, {5s, 2048, 512}, true},
      {{{"OTEL_BSP_MAX_QUEUE_SIZE", "-1"}}, {5s, 2048, 512}, true},
      {{{"OTEL_BSP_MAX_QUEUE_SIZE", "99999999999"}}, {5s, 2048, 512}, true},
  };
  for (const Case& c : cases) {
    const LoggedLines log;
    EXPECT_EQ(MakeOn(c.variables).batch, c.expected) << testing::PrintToString(c.variables);
    EXPECT_EQ(!log.Get().empty(), c.warned) << log.Text();
  }
  EXPECT_EQ(MakeOn({}).max_span_events, 128u);
  EXPECT_EQ(MakeOn({{"OTEL_SPAN_EVENT_COUNT_LIMIT", "0"}}).max_span_events, 0u);
}

TEST(TracingSettingsTest, TheResourceSaysWhoItIs) {
  const TracingSettings settings = MakeOn({});
  EXPECT_EQ(TextOf(settings, "service.name"), "puente");
  EXPECT_EQ(TextOf(settings, "service.version"), kVersion);
  EXPECT_THAT(TextOf(settings, "service.instance.id"), MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_THAT(TextOf(settings, "host.name"), Not(IsEmpty()));
  EXPECT_EQ(TextOf(settings, "telemetry.sdk.name"), "puente");
  EXPECT_EQ(TextOf(settings, "telemetry.sdk.language"), "cpp");
  EXPECT_EQ(TextOf(settings, "telemetry.sdk.version"), kVersion);
  EXPECT_THAT(settings.resource,
              testing::Contains(ResourceAttribute{"process.pid", std::int64_t{getpid()}}));
}

TEST(TracingSettingsTest, TheResourceFromTheEnvironment) {
  const TracingSettings settings = MakeOn(
      {{"OTEL_RESOURCE_ATTRIBUTES",
        "deployment.environment.name=a%2Cb, host.name=h,service.name=s,telemetry.sdk.name=x"}});
  EXPECT_EQ(TextOf(settings, "deployment.environment.name"), "a,b");
  EXPECT_EQ(TextOf(settings, "host.name"), "h");
  EXPECT_EQ(TextOf(settings, "service.name"), "s");
  EXPECT_EQ(TextOf(settings, "telemetry.sdk.name"), "puente");
  for (const std::string text : {"a", "a=%zz", "a=b,=c", "a=%ff"}) {
    const LoggedLines log;
    const TracingSettings without = MakeOn({{"OTEL_RESOURCE_ATTRIBUTES", "x=y," + text}});
    EXPECT_EQ(TextOf(without, "x"), "(none)") << text;
    EXPECT_THAT(log.Text(), HasSubstr("OTEL_RESOURCE_ATTRIBUTES"));
  }
}

TEST(TracingSettingsTest, WhatGivesTheServiceItsName) {
  config::Telemetry telemetry = WithSection();
  Variables variables = {{"OTEL_SERVICE_NAME", "by-name"},
                         {"OTEL_RESOURCE_ATTRIBUTES", "service.name=by-attribute"}};
  EXPECT_EQ(TextOf(MakeOn(variables, telemetry), "service.name"), "by-name");
  telemetry.mutable_tracing()->set_service_name("by-file");
  EXPECT_EQ(TextOf(MakeOn(variables, telemetry), "service.name"), "by-file");
}

}  // namespace
}  // namespace puente
