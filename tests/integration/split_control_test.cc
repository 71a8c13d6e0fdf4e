// What the admin interface shows of a split, and does to it (design sections 5 and 6).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>

#include "examples/json_subset.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/migration_proxy.h"

namespace puente::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// What keeps `response` from being 200 with at least what `json` says.
std::string DifferenceFrom(const std::string& json, const HttpResponse& response) {
  if (response.status != 200) return fmt::format("{} {}", response.status, response.body);
  return examples::FindJsonDifference(json, response.body).value_or("");
}

TEST(SplitControlTest, GetShowsWhatHolds) {
  SplitProxy under_test(80, 20);
  const HttpResponse shown = under_test.Split("GET");
  EXPECT_EQ(DifferenceFrom(R"({"name": "migration", "weights": {"legacy": 80, "billing": 20},
      "source": "FILE", "generation": 1, "file_weights": {"legacy": 80, "billing": 20}})",
                           shown),
            "");
  EXPECT_EQ(shown.Header("content-type"), "application/json");
  EXPECT_EQ(shown.Header("cache-control"), "no-store");
  const auto etag = shown.Header("etag");
  ASSERT_TRUE(etag);
  EXPECT_TRUE(etag->starts_with('"') && etag->ends_with('"') && etag->size() > 2) << *etag;
  EXPECT_EQ(under_test.Split("GET").Header("etag"), etag);
  EXPECT_EQ(under_test.Split("HEAD").Header("etag"), etag);
  EXPECT_EQ(under_test.proxy.Admin("/splits/other").status, 404);
  EXPECT_EQ(
      DifferenceFrom(R"({"splits": [{"name": "migration"}]})", under_test.proxy.Admin("/splits")),
      "");
  EXPECT_EQ(DifferenceFrom(R"({"compared": 0, "matched": 0, "mismatched": 0, "differences": []})",
                           under_test.Split("GET", "/differences")),
            "");
}

TEST(SplitControlTest, PutReplacesTheWeightsAtOnce) {
  SplitProxy under_test(1, 0);
  const auto before = under_test.Split("GET").Header("etag");
  const HttpResponse put = under_test.PutWeights(0, 3);
  EXPECT_EQ(DifferenceFrom(R"({"name": "migration", "weights": {"legacy": 0, "billing": 3},
      "source": "ADMIN", "generation": 2, "file_weights": {"legacy": 1, "billing": 0}})",
                           put),
            "");
  EXPECT_NE(put.Header("etag"), before);
  EXPECT_EQ(under_test.Split("GET").Header("etag"), put.Header("etag"));
  EXPECT_EQ(under_test.Split("GET").body, put.body);
  EXPECT_THAT(under_test.ServedBy(100), ElementsAre(Pair("billing", 100)));
}

TEST(SplitControlTest, IfMatchKeepsOneFromUndoingWhatAnotherDid) {
  SplitProxy under_test(1, 0);
  const std::string first = *under_test.Split("GET").Header("etag");
  const auto put = [&](const std::string& if_match, int legacy) {
    return under_test.Split("PUT", {}, {{"If-Match", if_match}}, WeightsBody(legacy, 1));
  };
  const HttpResponse done = put(first, 2);
  EXPECT_EQ(done.status, 200);
  const HttpResponse late = put(first, 3);
  EXPECT_THAT(late, IsError(412, 9));
  EXPECT_EQ(late.Header("etag"), done.Header("etag"));
  EXPECT_THAT(put("\"unknown\"", 4), IsError(412, 9));
  EXPECT_THAT(put("W/" + *done.Header("etag"), 4), IsError(412, 9));
  EXPECT_EQ(DifferenceFrom(R"({"weights": {"legacy": 2, "billing": 1}})", under_test.Split("GET")),
            "");
  EXPECT_EQ(put("\"unknown\", " + *done.Header("etag"), 5).status, 200);
  EXPECT_EQ(put("*", 6).status, 200);
}

TEST(SplitControlTest, PutOfAnythingElseIs400AndChangesNothing) {
  SplitProxy under_test(80, 20);
  const std::string before = under_test.Split("GET").body;
  const struct {
    const char* body;
    const char* message;
  } kCases[] = {
      {"", "body"},
      {"[]", "body"},
      {"{", "body"},
      {"{}", "weights: is missing"},
      {R"({"weights":{"legacy":1,"billing":1},"wieghts":{}})", "wieghts: unknown key"},
      {R"({"weights":{"legacy":1}})", "billing"},
      {R"({"weights":{"legacy":1,"billing":1,"other":1}})", "no such backend"},
      {R"({"weights":{"legacy":1,"legacy":1,"billing":1}})", "given twice"},
      {R"({"weights":{"legacy":0,"billing":0}})", "above 0"},
      {R"({"weights":{"legacy":-1,"billing":1}})", "expected an integer"},
      {R"({"weights":{"legacy":1.5,"billing":1}})", "expected an integer"},
      {R"({"weights":{"legacy":"1","billing":1}})", "expected an integer"},
      {R"({"weights":{"legacy":4294967296,"billing":1}})", "expected an integer"},
      {R"({"weights":{"legacy":4294967295,"billing":1}})", "sum"},
      {R"({"weights":[1,2]})", "expected an object"},
      {R"({"weights":{"legacy":1,"billing":1},"ttl":600})", "ttl"},
      {R"({"weights":{"legacy":1,"billing":1},"ttl":"soon"})", "ttl"},
      {R"({"weights":{"legacy":1,"billing":1},"ttl":"0s"})", "ttl"},
  };
  for (const auto& c : kCases) {
    const HttpResponse answer = under_test.Split("PUT", {}, {}, c.body);
    EXPECT_THAT(answer, IsError(400, 3)) << c.body;
    EXPECT_THAT(answer.body, HasSubstr(c.message)) << c.body;
  }
  EXPECT_EQ(under_test.Split("GET").body, before);
}

TEST(SplitControlTest, TheRestOfTheAdminInterfaceIsAsStrict) {
  SplitProxy under_test(1, 0);
  const HttpResponse wrong = under_test.Split("POST", "", {}, WeightsBody(0, 1));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.Header("allow"), "GET, HEAD, PUT");
  EXPECT_EQ(under_test.Split("GET", "/rollback").status, 405);
  EXPECT_EQ(under_test.Split("POST", "/rollout/pause").status, 404);
  EXPECT_EQ(under_test.Split("POST", "/other").status, 404);
  const HttpResponse foreign =
      under_test.Split("PUT", "", {{"Origin", "https://evil.example"}}, WeightsBody(0, 1));
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(under_test.ServedBy(), "legacy");
}

TEST(SplitControlTest, AChangeWithATtlRevertsByItself) {
  SplitProxy under_test(1, 0);
  const auto put = [&](const char* body) { return under_test.Split("PUT", {}, {}, body); };
  ASSERT_EQ(put(R"({"weights":{"legacy":1,"billing":2}})").status, 200);
  const HttpResponse set = put(R"({"weights":{"legacy":0,"billing":1},"ttl":"400ms"})");
  ASSERT_EQ(set.status, 200);
  EXPECT_THAT(set.body, HasSubstr("expires_in"));
  EXPECT_EQ(under_test.ServedBy(), "billing");
  // To what was set before without one.
  EXPECT_TRUE(WaitUntil([&] {
    return DifferenceFrom(R"({"weights": {"legacy": 1, "billing": 2}, "source": "ADMIN"})",
                          under_test.Split("GET")) == "";
  }));
  EXPECT_EQ(under_test.proxy.Metric(WeightSeries("billing")), 2);
  EXPECT_EQ(under_test.Split("GET").body.find("expires_in"), std::string::npos);
}

TEST(SplitControlTest, RollbackGoesBackToTheFile) {
  SplitProxy under_test(1, 0);
  ASSERT_EQ(under_test.PutWeights(0, 1).status, 200);
  const HttpResponse answer = under_test.Split("POST", "/rollback");
  EXPECT_EQ(DifferenceFrom(R"({"weights": {"legacy": 1, "billing": 0}, "source": "ROLLBACK",
                               "last_rollback": {"reason": "manual"}})",
                           answer),
            "");
  EXPECT_EQ(under_test.ServedBy(), "legacy");
  EXPECT_EQ(under_test.proxy.Metric(R"(puente_rollbacks_total{reason="manual",split="migration"})"),
            1);
}

}  // namespace
}  // namespace puente::test
