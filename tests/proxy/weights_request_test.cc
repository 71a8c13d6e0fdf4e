#include "proxy/traffic/weights_request.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "proxy/traffic/if_match.h"
#include "proxy/traffic/requested_weights.h"

namespace puente {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(WeightsRequest, ReadsWeightsAndTtl) {
  const auto request = ParseWeightsRequest(R"({"weights":{"legacy":80,"billing":20},"ttl":"10m"})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_THAT(request->weights, ElementsAre(Pair("legacy", 80), Pair("billing", 20)));
  EXPECT_EQ(request->ttl, minutes(10));
}

TEST(WeightsRequest, NeedsNoTtl) {
  const auto request = ParseWeightsRequest(
      " { \"weights\" : { \"a\\u0062\" : 0 , \"b\" : 4294967295, \"c\": 1.0 } } \n");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_THAT(request->weights, ElementsAre(Pair("ab", 0), Pair("b", 4294967295), Pair("c", 1)));
  EXPECT_EQ(request->ttl, std::nullopt);
}

TEST(WeightsRequest, LeavesItToTheSplitWhichBackendsThereAre) {
  const auto request = ParseWeightsRequest(R"({"ttl": "1m30s", "weights": {}})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_THAT(request->weights, IsEmpty());
  EXPECT_EQ(request->ttl, std::chrono::seconds(90));
}

TEST(WeightsRequest, RefusesTheRest) {
  constexpr std::string_view kInteger = ": expected an integer from 0 to 4294967295";
  const std::string legacy = std::string("weights[\"legacy\"]").append(kInteger);
  const std::string second = std::string("weights[entry 1]").append(kInteger);
  constexpr std::string_view kDuration = "ttl: expected a duration, such as \"10m\" or \"90s\"";
  constexpr std::string_view kObject =
      "weights: expected an object, such as {\"legacy\": 80, \"billing\": 20}";
  const struct {
    std::string_view body, message;
  } cases[] = {
      {"", "body: expected '{' (line 1, column 1)"},
      {"[]", "body: expected '{' (line 1, column 1)"},
      {"{", "body: expected a key in double quotes (line 1, column 2)"},
      {"{}", "weights: is missing"},
      {R"({"ttl":"10m"})", "weights: is missing"},
      {R"({"weights":{"legacy":1}} x)", "body: "},
      {R"({"weights":{"legacy":1},})", "body: "},
      {R"({"weights":{"legacy":1,}})", "body: "},
      {R"({"weights":{"legacy":01}})", "body: "},
      {R"({"weights":{legacy:1}})", "body: "},
      {"{\"weights\":{\"\xff\":1}}", "body: the text is not UTF-8"},
      {R"({"weights":80})", kObject},
      {R"({"weights":null})", kObject},
      {R"({"weights":[80,20]})", kObject},
      {R"({"weights":{"legacy":-1}})", legacy},
      {R"({"weights":{"legacy":1.5}})", legacy},
      {R"({"weights":{"legacy":"80"}})", legacy},
      {R"({"weights":{"legacy":4294967296}})", legacy},
      {R"({"weights":{"legacy":1e99}})", legacy},
      {R"({"weights":{"legacy":null}})", legacy},
      {R"({"weights":{"legacy":true}})", legacy},
      {R"({"weights":{"legacy":{}}})", legacy},
      {R"({"weights":{"<b>":-1}})", second},
      {R"({"weights":{"a":1,"a":1}})", "weights[\"a\"]: is given twice"},
      {R"({"weights":{"a":1,"\u0061":1}})", "weights[\"a\"]: is given twice"},
      {R"({"weights":{"a":1},"weights":{"a":1}})", "weights: is given twice"},
      {R"({"weights":{"a":1},"ttl":"1s","ttl":"1s"})", "ttl: is given twice"},
      {R"({"weights":{"a":1},"tll":"1s"})", "tll: unknown key; expected `weights` and `ttl`"},
      {R"({"weights":{"a":1},"<b>":"1s"})", "body: unknown key; expected `weights` and `ttl`"},
      {R"({"Weights":{"a":1}})", "Weights: unknown key; expected `weights` and `ttl`"},
      {R"({"weights":{"a":1},"ttl":600})", kDuration},
      {R"({"weights":{"a":1},"ttl":null})", kDuration},
      {R"({"weights":{"a":1},"ttl":""})", kDuration},
      {R"({"weights":{"a":1},"ttl":"600"})", kDuration},
      {R"({"weights":{"a":1},"ttl":"-1m"})", kDuration},
      {R"({"weights":{"a":1},"ttl":"99999999h"})", kDuration},
      {R"({"weights":{"a":1},"ttl":"0s"})", "ttl: must be more than 0s"},
  };
  for (const auto& c : cases) {
    const auto request = ParseWeightsRequest(c.body);
    ASSERT_FALSE(request) << c.body;
    EXPECT_EQ(request.error().HttpStatus(), 400) << c.body;
    EXPECT_THAT(request.error().message, testing::StartsWith(std::string(c.message))) << c.body;
  }
}

TEST(RequestedWeights, PutsThemIntoTheOrderOfTheBackends) {
  const auto weights =
      RequestedWeights({{{"billing", 20}, {"legacy", 80}}, {}}, {"legacy", "billing"});
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_THAT(*weights, ElementsAre(80, 20));
}

TEST(RequestedWeights, NeedsEveryBackendOnce) {
  const struct {
    WeightsRequest request;
    std::string_view message;
  } cases[] = {
      {{{{"legacy", 1}}, {}},
       "weights[\"billing\"]: is missing; all backends have to be named: legacy, billing"},
      {{{{"legacy", 1}, {"billing", 1}, {"other", 1}}, {}},
       "weights[\"other\"]: no such backend; this split has legacy, billing"},
      {{{{"<b>", 1}}, {}}, "weights[entry 1]: no such backend; this split has legacy, billing"},
      {{{{"legacy", 1}, {"legacy", 1}}, {}}, "weights[\"legacy\"]: is given twice"},
      {{{{"legacy", 0}, {"billing", 0}}, {}}, "weights: at least one must be above 0"},
      {{{{"legacy", 4294967295}, {"billing", 1}}, {}},
       "weights: their sum must be at most 4294967295"},
  };
  for (const auto& c : cases) {
    const auto weights = RequestedWeights(c.request, {"legacy", "billing"});
    ASSERT_FALSE(weights) << c.message;
    EXPECT_EQ(weights.error().HttpStatus(), 400);
    EXPECT_EQ(weights.error().message, c.message);
  }
  EXPECT_TRUE(
      RequestedWeights({{{"legacy", 4294967295}, {"billing", 0}}, {}}, {"legacy", "billing"}));
}

TEST(IfMatch, KnowsTheTag) {
  const struct {
    std::string_view header;
    bool matches;
  } cases[] = {
      {"\"7-a\"", true},
      {"*", true},
      {" * ", true},
      {"\"6-a\", \"7-a\"", true},
      {"\"6-a\",\"7-a\" ", true},
      {"\"x,y\",\"7-a\"", true},
      {"", false},
      {"7-a", false},
      {"W/\"7-a\"", false},
      {"\"6-a\"", false},
      {"\"7-a", false},
      {"\"x,\"7-a\"", false},
      {",", false},
  };
  for (const auto& c : cases) EXPECT_EQ(MatchesETag(c.header, "\"7-a\""), c.matches) << c.header;
}

}  // namespace
}  // namespace puente
