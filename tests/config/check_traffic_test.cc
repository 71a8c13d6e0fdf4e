#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load_config.h"

namespace puente {
namespace {

// "key: message" of what is wrong with `routes`, beside a good configuration.
std::vector<std::string> ProblemsOf(std::string_view routes) {
  const std::string text = fmt::format(
      "listeners: [{{address: '127.0.0.1:8080'}}]\n"
      "descriptors: {{files: [api.pb]}}\n"
      "upstreams: [{{name: billing, grpc: {{target: 'a:1'}}}}, {{name: legacy, http: {{url: "
      "'http://b:1'}}}}]\n"
      "routes: [{}]\n",
      routes);
  const LoadResult result =
      ParseConfig(text, "f", [](std::string_view) -> std::optional<std::string> { return {}; });
  std::vector<std::string> texts;
  for (const Problem& problem : result.problems) {
    texts.push_back(fmt::format("{}: {}", problem.key, problem.message));
  }
  return texts;
}

// Of a route of the service s.S with `keys`.
std::vector<std::string> ProblemsOfRoute(std::string_view keys) {
  return ProblemsOf(fmt::format("{{match: {{service: s.S}}, {}}}", keys));
}

constexpr std::string_view kBackends =
    "backends: [{upstream: legacy, weight: 95}, {upstream: billing, weight: 5}]";

struct Case {
  std::string keys;
  std::vector<std::string> problems;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_THAT(ProblemsOfRoute(c.keys), testing::ElementsAreArray(c.problems)) << c.keys;
  }
}

TEST(CheckTraffic, ARouteLeadsToOneUpstreamOrToASplit) {
  const std::string split = fmt::format("split: {{name: m, {}}}", kBackends);
  Check({
      {"upstream: billing", {}},
      {split, {}},
      {"upstream: billing, " + split,
       {"routes[0].split: only one of `upstream` and `split` may be given"}},
      {"timeout: 1s", {"routes[0].upstream: is missing"}},
  });
  EXPECT_THAT(ProblemsOfRoute("upstream: biling"),
              testing::ElementsAre(testing::AllOf(testing::HasSubstr("routes[0].upstream"),
                                                  testing::HasSubstr("billing"))));
}

TEST(CheckTraffic, ASplitNamesItsBackendsOnceAndGivesOneAWeight) {
  Check({
      {"split: {name: m, backends: [{upstream: legacy, weight: 1}]}", {}},
      {"split: {name: m, backends: [{upstream: legacy, weight: 0}, {upstream: billing, weight: "
       "0}]}",
       {"routes[0].split.backends: at least one weight must be above 0"}},
      {fmt::format("split: {{{}}}", kBackends), {"routes[0].split.name: is missing"}},
      {"split: {name: m}", {"routes[0].split.backends: needs at least one entry"}},
  });
  EXPECT_THAT(ProblemsOfRoute("split: {name: m, backends: [{upstream: legacy, weight: 1}, "
                              "{upstream: legacy, weight: 1}]}"),
              testing::ElementsAre(testing::HasSubstr("routes[0].split.backends[1].upstream")));
  EXPECT_THAT(ProblemsOfRoute("split: {name: m, backends: [{upstream: legacy, weight: 1}, "
                              "{upstream: gone, weight: 1}]}"),
              testing::ElementsAre(testing::HasSubstr("routes[0].split.backends[1].upstream")));
  EXPECT_THAT(ProblemsOfRoute("split: {name: m, backends: [{upstream: legacy, weight: 4294967295}, "
                              "{upstream: billing, weight: 1}]}"),
              testing::ElementsAre(
                  "routes[0].split.backends: the sum of the weights must be at most 4294967295"));
}

TEST(CheckTraffic, ASplitsNameIsItsOwn) {
  const std::string one =
      fmt::format("{{match: {{service: s.S}}, split: {{name: m, {}}}}}", kBackends);
  const std::string other =
      fmt::format("{{match: {{service: s.T}}, split: {{name: m, {}}}}}", kBackends);
  EXPECT_THAT(ProblemsOf(one + ", " + other),
              testing::ElementsAre(testing::HasSubstr("routes[1].split.name")));
}

TEST(CheckTraffic, StickinessHasOneSource) {
  const auto with = [](std::string_view sticky) {
    return fmt::format("split: {{name: m, {}, {}}}", kBackends, sticky);
  };
  Check({
      {with("sticky: {header: x-user-id}"), {}},
      {with("sticky: {cookie: session}"), {}},
      {with("sticky: {jwt_claim: sub}"), {}},
      {with("sticky: {header: 'x user'}"),
       {"routes[0].split.sticky.header: this is no name of a header"}},
      {with("sticky: {cookie: 'a;b'}"),
       {"routes[0].split.sticky.cookie: this is no name of a cookie"}},
      {with("override_header: x-puente-upstream"), {}},
      {with("override_header: 'x:y'"),
       {"routes[0].split.override_header: this is no name of a header"}},
  });
  for (const char* sticky : {"sticky: {}", "sticky: {header: a, cookie: b}"}) {
    EXPECT_THAT(ProblemsOfRoute(with(sticky)),
                testing::ElementsAre(testing::HasSubstr("routes[0].split.sticky")))
        << sticky;
  }
}

TEST(CheckTraffic, AShadowIsAnotherUpstream) {
  Check({
      {"upstream: legacy, shadow: {upstream: billing}", {}},
      {"upstream: legacy, shadow: {upstream: billing, compare: true, ignore_fields: [createdAt]}",
       {}},
      {"upstream: legacy, shadow: {upstream: legacy}",
       {"routes[0].shadow.upstream: the route's own upstream needs no copies"}},
      {"upstream: legacy, shadow: {upstream: billing, ignore_fields: [createdAt]}",
       {"routes[0].shadow.ignore_fields: needs `compare: true`"}},
  });
  EXPECT_THAT(ProblemsOfRoute("upstream: legacy, shadow: {upstream: gone}"),
              testing::ElementsAre(testing::HasSubstr("routes[0].shadow.upstream")));
}

TEST(CheckTraffic, ARolloutRaisesABackendOfASplit) {
  const auto with = [](std::string_view rollout) {
    return fmt::format("split: {{name: m, {}}}, rollout: {{{}}}", kBackends, rollout);
  };
  Check({
      {with("to: billing, steps: [5, 25, 100]"), {}},
      {"upstream: legacy, rollout: {to: billing, steps: [5]}",
       {"routes[0].rollout: needs a `split`"}},
      {with("to: other, steps: [5]"), {"routes[0].rollout.to: this is no backend of the split"}},
      {with("to: billing, steps: [25, 5]"),
       {"routes[0].rollout.steps: each step must be larger than the one before"}},
      {with("to: billing, steps: [5, 5]"),
       {"routes[0].rollout.steps: each step must be larger than the one before"}},
      {"split: {name: m, backends: [{upstream: legacy, weight: 1}]}, rollout: {to: legacy, steps: "
       "[5]}",
       {"routes[0].rollout: needs a split of two backends at least"}},
  });
}

TEST(CheckTraffic, RetriesAndFallbacksMakeSense) {
  Check({
      {"upstream: legacy, retry: {}", {}},
      {"upstream: legacy, retry: {backoff: {initial: 1s, max: 500ms}}",
       {"routes[0].retry.backoff.initial: must not be longer than `max`"}},
      {"upstream: legacy, retry: {on: [UNAVAILABLE, OK]}",
       {"routes[0].retry.on[1]: a call that succeeded is not tried again"}},
      {"upstream: billing, fallback: legacy", {}},
      {"upstream: legacy, fallback: legacy",
       {"routes[0].fallback: must be another upstream than the route's own"}},
  });
  EXPECT_THAT(ProblemsOfRoute("upstream: billing, fallback: gone"),
              testing::ElementsAre(testing::HasSubstr("routes[0].fallback")));
}

TEST(CheckTraffic, TellsAllAtOnce) {
  EXPECT_THAT(ProblemsOfRoute("upstream: gone, fallback: gone, retry: {on: [OK]}, rollout: {to: x, "
                              "steps: [1]}"),
              testing::SizeIs(4));
}

}  // namespace
}  // namespace puente
