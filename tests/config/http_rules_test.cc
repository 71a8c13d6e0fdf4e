// The file of `transcoding.rules`.
#include "config/http_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace puente {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> ProblemsOf(std::string_view text) {
  std::vector<std::string> texts;
  for (const Problem& problem : ParseHttpRules(text, "rules.yaml").problems) {
    texts.push_back(ToString(problem));
  }
  return texts;
}

// One rule whose lines, from line 3 on, are `lines`.
std::string Rule(std::string_view lines) {
  std::string text = "http:\n  rules:\n";
  std::string_view bullet = "  - ";
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    text.append(bullet).append(lines.substr(0, end)).append("\n");
    lines.remove_prefix(std::min(end + 1, lines.size()));
    bullet = "    ";
  }
  return text;
}

constexpr std::string_view kWhole = R"(type: google.api.Service
config_version: 3
name: billing.example.com
title: Billing
http:
  rules:
  - selector: billing.v1.BillingService.GetInvoice
    get: /v1/invoices/{id}
    response_body: invoice
    additional_bindings:
    - post: "/v1/invoices:get"
      body: "*"
    - selector: billing.v1.BillingService.GetInvoice
      custom: {kind: SEARCH, path: /v1/invoices}
  - {selector: billing.v1.BillingService.Put, put: /p, body: thing}
  - {selector: billing.v1.BillingService.Post, post: /p}
  - {selector: billing.v1.BillingService.Delete, delete: /p}
  - {selector: billing.v1.BillingService.Patch, patch: /p}
)";

TEST(HttpRules, AreRead) {
  const HttpRulesResult result = ParseHttpRules(kWhole, "rules.yaml");
  EXPECT_THAT(ProblemsOf(kWhole), IsEmpty());
  const google::api::Http& http = result.loaded.http;
  ASSERT_EQ(http.rules_size(), 5);
  EXPECT_EQ(http.rules(0).selector(), "billing.v1.BillingService.GetInvoice");
  EXPECT_EQ(http.rules(0).get(), "/v1/invoices/{id}");
  EXPECT_EQ(http.rules(0).response_body(), "invoice");
  ASSERT_EQ(http.rules(0).additional_bindings_size(), 2);
  EXPECT_EQ(http.rules(0).additional_bindings(0).post(), "/v1/invoices:get");
  EXPECT_EQ(http.rules(0).additional_bindings(0).body(), "*");
  EXPECT_EQ(http.rules(0).additional_bindings(1).custom().kind(), "SEARCH");
  EXPECT_EQ(http.rules(1).put(), "/p");
  EXPECT_EQ(http.rules(1).body(), "thing");
  EXPECT_EQ(http.rules(2).post(), "/p");
  EXPECT_EQ(http.rules(3).delete_(), "/p");
  EXPECT_EQ(http.rules(4).patch(), "/p");
}

TEST(HttpRules, KnowTheirLines) {
  const SourceMap positions = ParseHttpRules(kWhole, "rules.yaml").loaded.positions;
  EXPECT_EQ(ToString(positions.At("http.rules[1].selector", "m")),
            "rules.yaml:15:6: http.rules[1].selector: m");
  EXPECT_EQ(positions.At("http.rules[0].additional_bindings[1].custom.kind", "m").line, 14);
}

TEST(HttpRules, KeysMayBeInLowerCamelCase) {
  const auto text =
      Rule("selector: a.B.C\nget: /a\nresponseBody: x\nadditionalBindings: [{get: /b}]");
  const auto result = ParseHttpRules(text, "rules.yaml");
  EXPECT_THAT(ProblemsOf(text), IsEmpty());
  ASSERT_EQ(result.loaded.http.rules_size(), 1);
  EXPECT_EQ(result.loaded.http.rules(0).response_body(), "x");
  EXPECT_EQ(result.loaded.http.rules(0).additional_bindings_size(), 1);
  EXPECT_TRUE(result.loaded.positions.Has("http.rules[0].response_body"));
}

TEST(HttpRules, OtherSectionsAndOtherVersionsArePassedOver) {
  for (const char* text : {
           "http: {}",
           "http: {rules: []}",
           "config_version: 99\nhttp: {rules: []}",
           "http: {rules: []}\napis: [{name: a.B}]\ndocumentation: {summary: ''}\nusage:\n"
           "  rules: [{selector: '*', allow_unregistered_calls: true}]\nbackend: {rules: [{}]}",
           "http: {fully_decode_reserved_expansion: false}",
           "{\"type\": \"google.api.Service\", \"http\": {\"rules\": []}}",
       }) {
    EXPECT_THAT(ProblemsOf(text), IsEmpty()) << text;
  }
}

TEST(HttpRules, ValuesAreTakenAsTheyAre) {
  const auto text = Rule("selector: a.B.C\nget: '/a/${HOME}/$$/{id}'");
  EXPECT_THAT(ProblemsOf(text), IsEmpty());
  EXPECT_EQ(ParseHttpRules(text, "f").loaded.http.rules(0).get(), "/a/${HOME}/$$/{id}");
}

TEST(HttpRules, AMistakeIsNamedWithItsPlace) {
  struct {
    std::string text, problem;
  } const kCases[] = {
      {"", "rules.yaml: expected keys such as `type:` and `http:`"},
      {"[]", "rules.yaml: expected keys such as"},
      {"a: [", "rules.yaml:"},
      {"a: b", "rules.yaml: http: is missing"},
      {"htpp: {rules: []}", "rules.yaml: http: is missing"},
      {"type: google.api.Http\nhttp: {}", "rules.yaml:1:1: type: expected `google.api.Service`"},
      {"type: []\nhttp: {}", "rules.yaml:1:1: type: expected `google.api.Service`"},
      {"http:", "rules.yaml:1:1: http: expected a section with keys, found nothing"},
      {"http: {}\nhttp: {}", "rules.yaml:2:1: http: this key is here twice"},
      {"http: {rule: []}", "rules.yaml:1:8: http.rule: unknown key; did you mean `rules`?"},
      {"http: {rules: {}}", "http.rules: expected a list, found a section with keys"},
      {"http: {rules: [a]}", "http.rules[0]: expected a section with keys, found a single value"},
      {"http: {fully_decode_reserved_expansion: true}",
       "rules.yaml:1:8: http.fully_decode_reserved_expansion: is not supported"},
      {"http: {fullyDecodeReservedExpansion: true}",
       "rules.yaml:1:8: http.fully_decode_reserved_expansion: is not supported"},
      {"http: {fully_decode_reserved_expansion: 1}", "expected true or false, found `1`"},
      {Rule("selector: a.B.C\ngett: /a"),
       "rules.yaml:4:5: http.rules[0].gett: unknown key; did you mean `get`?"},
      {Rule("selector: a.B.C\nget: /a\nupstream: x"),
       "rules.yaml:5:5: http.rules[0].upstream: unknown key; the keys here are `selector`"},
      {Rule("selector: a.B.C\nget: /a\nbody: b\nbody: c"),
       "rules.yaml:6:5: http.rules[0].body: this key is here twice"},
      {Rule("selector: a.B.C\nget: /a\nresponse_body: b\nresponseBody: c"),
       "rules.yaml:6:5: http.rules[0].response_body: this key is here twice"},
      {Rule("selector: a.B.C\nget: /a\nbody:"),
       "http.rules[0].body: expected a single value, found nothing"},
      {Rule("selector: a.B.C\nget: [/a]"), "http.rules[0].get: expected a single value"},
      {Rule("get: /a"), "rules.yaml:3:5: http.rules[0].selector: is missing"},
      {Rule("selector: ''\nget: /a"), "rules.yaml:3:5: http.rules[0].selector: is empty"},
      {Rule("selector: a.B.*\nget: /a"),
       "rules.yaml:3:5: http.rules[0].selector: expected the name of one method"},
      {Rule("selector: '*'\nget: /a"), "expected the name of one method"},
      {Rule("selector: a.B/C\nget: /a"), "expected the full name of a method"},
      {Rule("selector: Get\nget: /a"), "expected the full name of a method"},
      {Rule("selector: a.B.C"),
       "rules.yaml:3:5: http.rules[0]: needs `get`, `put`, `post`, `delete`, `patch` or `custom`"},
      {Rule("selector: a.B.C\nget: /a\npost: /a"),
       "rules.yaml:5:5: http.rules[0].post: only one of `get`"},
      {Rule("selector: a.B.C\ncustom: {path: /a}"),
       "rules.yaml:4:5: http.rules[0].custom.kind: is missing"},
      {Rule("selector: a.B.C\ncustom: {kind: X}"), "http.rules[0].custom.path: is missing"},
      {Rule("selector: a.B.C\nget: /a\nadditional_bindings:\n- body: x"),
       "rules.yaml:6:7: http.rules[0].additional_bindings[0]: needs `get`"},
      {Rule("selector: a.B.C\nget: /a\nadditional_bindings:\n- get: /b\n  selector: a.B.D"),
       "rules.yaml:7:7: http.rules[0].additional_bindings[0].selector: an additional binding is"},
      {Rule("selector: a.B.C\nget: /a\nadditional_bindings:\n- get: /b\n  additionalBindings: "
            "[{get: /c}]"),
       "rules.yaml:7:7: http.rules[0].additional_bindings[0].additional_bindings: additional "
       "bindings can't be nested"},
      {Rule("selector: &x a.B.C\nget: /a"), "anchors (&name) are not supported"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(ProblemsOf(c.text), ElementsAre(HasSubstr(c.problem))) << c.text;
  }
}

TEST(HttpRules, AllMistakesAreFoundAtOnce) {
  EXPECT_THAT(
      ProblemsOf("type: x\nhttp:\n  colour: blue\n  rules:\n  - get: /a\n  - selector: '*'\n"
                 "    patch: /b\n    delete: /b\n"),
      ElementsAre(HasSubstr(":1:1: type"), HasSubstr(":3:3: http.colour"),
                  HasSubstr(":5:5: http.rules[0].selector"),
                  HasSubstr(":6:5: http.rules[1].selector"),
                  HasSubstr(":7:5: http.rules[1].patch: only one of")));
}

TEST(HttpRules, WhatIsTooLargeOrTooDeepIsRefused) {
  EXPECT_THAT(ProblemsOf(std::string((1 << 20) + 1, ' ')),
              ElementsAre("rules.yaml: is larger than 1 MiB"));
  std::string deep = "{selector: a.B.C, get: /a}";
  for (int i = 0; i < 50; ++i) deep = "{get: /a, additional_bindings: [" + deep + "]}";
  EXPECT_THAT(ProblemsOf("http: {rules: [" + deep + "]}"),
              ElementsAre(HasSubstr("nested deeper than")));
}

TEST(HttpRules, AFileThatCantBeReadIsNamed) {
  const auto result = LoadHttpRules("/no/such/rules.yaml");
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_EQ(ToString(result.problems[0]),
            "/no/such/rules.yaml: can't be read: No such file or directory");
}

}  // namespace
}  // namespace puente
