#include "proxy/reload/reload_report.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "tests/proxy/logged_lines.h"

namespace puente {
namespace {

using test::LoggedLines;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kWeight = "routes[0].split.backends[1].weight: 5 -> 20";
const std::string kGone = "shop.Item.sku: field removed (JSON and wire)";
const Problem kUnknownKey{"puente.yaml", 12, 5, "workrs", "unknown key; did you mean `workers`?"};
const Problem kNoFile{"puente.yaml", 14, 1, "descriptors.files[0]", "can't read api.pb"};

TEST(ReloadReport, NothingChanged) {
  const Response response = ReloadResponse({.applied = true});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, "{\n  \"reloaded\": true,\n  \"changes\": []\n}\n");
}

TEST(ReloadReport, WhatChanged) {
  const Response response =
      ReloadResponse({.applied = true, .changes = {kWeight}, .breaking = {kGone}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{\n  \"reloaded\": true,\n  \"breaking\": [\n    \"" + kGone +
                               "\"\n  ],\n  \"changes\": [\n    \"" + kWeight + "\"\n  ]\n}\n");
}

TEST(ReloadReport, EveryErrorIsToldAndTheFirstOneSumsUp) {
  const Response response =
      ReloadResponse({.changes = {kWeight}, .problems = {kUnknownKey, kNoFile}});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            "{\n  \"code\": 3,\n"
            "  \"message\": \"not reloaded: puente.yaml:12:5: workrs: unknown key; did you mean "
            "`workers`? (and 1 more)\",\n"
            "  \"reloaded\": false,\n"
            "  \"errors\": [\n"
            "    \"puente.yaml:12:5: workrs: unknown key; did you mean `workers`?\",\n"
            "    \"puente.yaml:14:1: descriptors.files[0]: can't read api.pb\"\n"
            "  ]\n}\n");
}

TEST(ReloadReport, WhatIsBreakingIsToldWhenItIsRefusedToo) {
  const Response response = ReloadResponse({.breaking = {kGone}, .problems = {kNoFile}});
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("\"breaking\": [\n    \"" + kGone + "\"\n  ]"));
  EXPECT_THAT(response.body, HasSubstr("can't read api.pb\",\n  \"reloaded\""));
}

TEST(ReloadReport, AListHasAnEnd) {
  ReloadReport report{.applied = true};
  report.changes.assign(1000, "x");
  EXPECT_THAT(ReloadResponse(report).body, Not(HasSubstr("more")));
  report.changes.emplace_back("x");
  const std::string body = ReloadResponse(report).body;
  EXPECT_THAT(body, HasSubstr("\"and 2 more\""));
  EXPECT_EQ(std::ranges::count(body, 'x'), 999);
}

TEST(ReloadReport, LogOfAChange) {
  const LoggedLines logged;
  LogReload({.applied = true, .changes = {kWeight}, .breaking = {kGone}}, "api.pb changed");
  EXPECT_THAT(
      logged.Get(),
      ElementsAre(AllOf(HasSubstr("[info]"), HasSubstr("reload (api.pb changed): 2 changes")),
                  AllOf(HasSubstr("[warning]"), HasSubstr("reload: breaking: " + kGone)),
                  AllOf(HasSubstr("[info]"), HasSubstr("reload: " + kWeight))));
}

TEST(ReloadReport, LogOfNothing) {
  const LoggedLines logged;
  LogReload({.applied = true}, "SIGHUP");
  EXPECT_THAT(logged.Get(), ElementsAre(HasSubstr("reload (SIGHUP): nothing changed")));
}

TEST(ReloadReport, LogOfARefusal) {
  const LoggedLines logged;
  LogReload({.changes = {kWeight}, .problems = {kUnknownKey, kNoFile}}, "SIGHUP");
  EXPECT_THAT(
      logged.Get(),
      ElementsAre(AllOf(HasSubstr("[error]"),
                        HasSubstr("reload (SIGHUP): refused, what was served before stays")),
                  AllOf(HasSubstr("[error]"), HasSubstr("puente.yaml:12:5: workrs: ")),
                  AllOf(HasSubstr("[error]"), HasSubstr("can't read api.pb"))));
}

}  // namespace
}  // namespace puente
