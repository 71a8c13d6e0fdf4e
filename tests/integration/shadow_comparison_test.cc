// What a shadow's answers are compared with: counts, paths and kinds of difference, never values.
#include <fmt/format.h>

#include "examples/services/example_server.h"
#include "tests/integration/traffic_fixture.h"

namespace puente::test {
namespace {

using examples::ExampleServer;
using testing::HasSubstr;
using testing::Not;

// GET /splits/{name}/differences needs a split.
constexpr char kAllToLegacy[] =
    "split: {name: migration, backends: [{upstream: legacy, weight: 1}, "
    "{upstream: billing, weight: 0}]}";
constexpr char kAllToBilling[] =
    "split: {name: migration, backends: [{upstream: legacy, weight: 0}, "
    "{upstream: billing, weight: 1}]}";

constexpr char kStatusDiffers[] =
    R"({"mismatched": 1, "differences": [{"path": "", "kind": "status", "count": 1}]})";

class ShadowComparisonTest : public TrafficTest {
 protected:
  std::string Differences() const { return proxy_->Admin("/splits/migration/differences").body; }
};

TEST_F(ShadowComparisonTest, AnswersThatAreTooLargeAreNotCompared) {
  StartRoute("upstream: legacy, shadow: {upstream: billing, compare: true, max_body_bytes: 100}");
  legacy_.Answer({.body = fmt::format(R"({{"id":"{}"}})", std::string(200, 'x'))});
  EXPECT_EQ(Get().body.size(), 209u);
  EXPECT_TRUE(Reaches(Calls("GetInvoice", "OK", "shadow"), 1));
  legacy_.Answer({.body = kBillingInvoice});
  Get();
  EXPECT_TRUE(Reaches(Comparisons("match", ""), 1));
  EXPECT_EQ(Metric(Comparisons("mismatch", "")), 0);
  EXPECT_EQ(Metric(Comparisons("error", "")), 0);
}

TEST_F(ShadowComparisonTest, DifferencesAreCountedByPathAndKindAndNeverShowAValue) {
  StartRoute(std::string(kAllToLegacy) + ", shadow: {upstream: billing, compare: true}");
  legacy_.Answer({.body = R"({"id":"SECRET-1","customerId":"SECRET-2","lines":[{"quantity":3}]})"});
  billing::v1::Invoice other = InvoiceOf("SECRET-3");
  other.add_lines()->set_quantity(4);
  other.set_discount(0.5);
  billing_.OnUnary(kGetInvoice, UnaryReply::Message(other));
  Get();
  ASSERT_TRUE(Reaches(Comparisons("mismatch", "migration"), 1));
  Get();
  ASSERT_TRUE(Reaches(Comparisons("mismatch", "migration"), 2));
  EXPECT_THAT(Differences(),
              Says(R"({"compared": 2, "matched": 0, "mismatched": 2, "errors": 0, "differences": [
                       {"path": "customerId", "kind": "missing", "count": 2},
                       {"path": "discount", "kind": "extra", "count": 2},
                       {"path": "id", "kind": "value", "count": 2},
                       {"path": "lines[].quantity", "kind": "value", "count": 2}]})"));
  EXPECT_THAT(logged_.Text(), HasSubstr("lines[].quantity (value)"));
  EXPECT_THAT(Differences() + logged_.Text() + proxy_->Admin("/metrics").body,
              Not(HasSubstr("SECRET")));
}

TEST_F(ShadowComparisonTest, IgnoredFieldsDoNotCount) {
  StartRoute(
      std::string(kAllToLegacy) +
      ", shadow: {upstream: billing, compare: true, ignore_fields: [id, \"lines[].quantity\"]}");
  legacy_.Answer({.body = R"({"id":"a","lines":[{"quantity":3,"sku":"x"}]})"});
  billing::v1::Invoice other = InvoiceOf("b");
  other.add_lines()->set_sku("x");
  billing_.OnUnary(kGetInvoice, UnaryReply::Message(other));
  Get();
  EXPECT_TRUE(Reaches(Comparisons("match", "migration"), 1));
  other.mutable_lines(0)->set_sku("y");
  billing_.OnUnary(kGetInvoice, UnaryReply::Message(other));
  Get();
  EXPECT_TRUE(Reaches(Comparisons("mismatch", "migration"), 1));
  EXPECT_THAT(Differences(), Says(R"({"compared": 2, "matched": 1, "differences": [
                                      {"path": "lines[].sku", "kind": "value", "count": 1}]})"));
}

TEST_F(ShadowComparisonTest, StatusesAreCompared) {
  StartRoute(std::string(kAllToLegacy) + ", shadow: {upstream: billing, compare: true}");
  billing_.OnUnary(kGetInvoice, {.status = {grpc::StatusCode::NOT_FOUND, "no such invoice"}});
  EXPECT_EQ(Get().status, 200);
  ASSERT_TRUE(Reaches(Comparisons("mismatch", "migration"), 1));
  EXPECT_THAT(Differences(), Says(kStatusDiffers));
  // The words of an error do not count.
  legacy_.Answer({.status = 404, .body = R"({"error":"gone"})"});
  EXPECT_EQ(Get().status, 404);
  EXPECT_TRUE(Reaches(Comparisons("match", "migration"), 1));
}

TEST_F(ShadowComparisonTest, ARequestThatGrpcWouldRefuseDiffersInItsStatus) {
  StartRoute(std::string(kAllToLegacy) + ", shadow: {upstream: billing, compare: true}");
  EXPECT_EQ(Get("/v1/invoices/7?colour=blue").status, 200);
  ASSERT_TRUE(Reaches(Comparisons("mismatch", "migration"), 1));
  EXPECT_THAT(Differences(), Says(kStatusDiffers));
  EXPECT_EQ(billing_.CallCount(), 0u);
}

// Neither has a body then, whichever of them is the proxy's to leave out.
TEST_F(ShadowComparisonTest, AnswersToHeadAreComparedWithoutBodies) {
  for (const char* split : {kAllToLegacy, kAllToBilling}) {
    SCOPED_TRACE(split);
    const bool to_grpc = split == kAllToLegacy;
    StartRoute(fmt::format("{}, shadow: {{upstream: {}, compare: true}}", split,
                           to_grpc ? "billing" : "legacy"));
    EXPECT_EQ(proxy_->Connect().Request("HEAD", kInvoice).status, 200);
    EXPECT_TRUE(Reaches(Comparisons("match", "migration"), 1)) << Differences();
  }
}

TEST_F(ShadowComparisonTest, JsonThatIsBrokenIsAnErrorOfTheComparison) {
  StartRoute(std::string(kAllToLegacy) + ", shadow: {upstream: billing, compare: true}");
  legacy_.Answer({.body = R"({"id":)"});
  EXPECT_EQ(Get().body, R"({"id":)");
  EXPECT_TRUE(Reaches(Comparisons("error", "migration"), 1));
}

// The demo's own services: one store, spelled in two ways.
class DemoComparisonTest : public ShadowComparisonTest {
 protected:
  DemoComparisonTest() { EXPECT_TRUE(server_.Start()); }

  // All that can be asked for without a change; how many requests that is.
  int AskForAll() {
    const char* targets[] = {
        "/v1/invoices/inv-1001",   "/v1/invoices/inv-1002",           "/v1/invoices/inv-1003",
        "/v1/invoices/inv-1004",   "/v1/invoices/inv-1005",           "/v1/invoices",
        "/v1/invoices?pageSize=2", "/v1/invoices?status=STATUS_OPEN", "/v1/invoices/none"};
    HttpClient client = proxy_->Connect();
    for (const char* target : targets) {
      const int status = client.Get(target).status;
      EXPECT_EQ(status, std::string_view(target).ends_with("none") ? 404 : 200) << target;
    }
    return std::ssize(targets);
  }

  void StartDemo(const std::string& route) {
    Start({.route = route,
           .legacy_url = server_.legacy_url(),
           .billing = fmt::format("target: \"{}\"", server_.target())});
  }

  ExampleServer server_{"127.0.0.1:0", "127.0.0.1:0"};
};

TEST_F(DemoComparisonTest, LegacyAndGrpcSayTheSameInOtherWords) {
  for (const char* split : {kAllToLegacy, kAllToBilling}) {
    SCOPED_TRACE(split);
    const char* shadow = split == kAllToLegacy ? "billing" : "legacy";
    StartDemo(fmt::format("{}, shadow: {{upstream: {}, compare: true}}", split, shadow));
    // One writes snake_case, the other lowerCamelCase.
    const bool is_legacy = split == kAllToLegacy;
    EXPECT_THAT(Get("/v1/invoices/inv-1001").body,
                HasSubstr(is_legacy ? R"("customer_id")" : R"("customerId")"));
    const int asked = AskForAll() + 1;
    EXPECT_TRUE(Reaches(Comparisons("match", "migration"), asked)) << Differences();
    EXPECT_EQ(Metric(Comparisons("mismatch", "migration")), 0) << Differences();
    EXPECT_THAT(Differences(), Says(R"({"mismatched": 0, "differences": []})"));
  }
}

TEST_F(DemoComparisonTest, APlantedDifferenceIsFoundAndItsPathIsNamed) {
  server_.billing_faults().Set({.plant_difference = true});
  StartDemo(std::string(kAllToLegacy) + ", shadow: {upstream: billing, compare: true}");
  EXPECT_EQ(Get("/v1/invoices/inv-1001").status, 200);
  ASSERT_TRUE(Reaches(Comparisons("match", "migration"), 1));
  EXPECT_EQ(Get("/v1/invoices/inv-1003").status, 200);
  ASSERT_TRUE(Reaches(Comparisons("mismatch", "migration"), 1));
  EXPECT_THAT(Differences(), Says(R"({"compared": 2, "matched": 1, "mismatched": 1,
               "differences": [{"path": "lines[].quantity", "kind": "value", "count": 1}]})"));
  EXPECT_THAT(logged_.Text(), HasSubstr("/v1/invoices/{id}: shadow billing answers otherwise: "
                                        "lines[].quantity (value)"));
  EXPECT_EQ(Get("/v1/invoices").status, 200);
  ASSERT_TRUE(Reaches(Comparisons("mismatch", "migration"), 2));
  EXPECT_THAT(Differences(), Says(R"({"differences": [
                       {"path": "invoices[].lines[].quantity", "kind": "value", "count": 1},
                       {"path": "lines[].quantity", "kind": "value", "count": 1}]})"));
}

TEST_F(DemoComparisonTest, WhatWasFoundCanBeForgotten) {
  server_.billing_faults().Set({.plant_difference = true});
  StartDemo(std::string(kAllToLegacy) + ", shadow: {upstream: billing, compare: true}");
  EXPECT_EQ(Get("/v1/invoices/inv-1003").status, 200);
  ASSERT_TRUE(Reaches(Comparisons("mismatch", "migration"), 1));
  constexpr char kNone[] =
      R"({"compared": 0, "matched": 0, "mismatched": 0, "errors": 0, "differences": [], "dropped": 0})";
  const auto cleared = Admin("DELETE", "/splits/migration/differences");
  EXPECT_EQ(cleared.status, 200);
  EXPECT_THAT(cleared.body, Says(kNone));
  EXPECT_THAT(Differences(), Says(kNone));
  // Counters never go back.
  EXPECT_EQ(Metric(Comparisons("mismatch", "migration")), 1);
  EXPECT_EQ(Admin("DELETE", "/splits/other/differences").status, 404);
}

}  // namespace
}  // namespace puente::test
