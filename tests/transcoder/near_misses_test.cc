#include "transcoder/near_misses.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>

#include "tests/transcoder/route_fixture.h"
#include "transcoder/template_distance.h"

namespace puente::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Find(const std::vector<std::string>& routes, const std::string& method,
                              const std::string& path, RouteTableOptions options = {}) {
  const auto table = MakeTable(routes, options);
  std::vector<std::string> lines;
  for (const NearMiss& miss : FindNearMisses(*table, method, path)) {
    lines.push_back(
        fmt::format("{} {}: {}", miss.route->http_method, miss.route->path.text, miss.why));
  }
  return lines;
}

struct Case {
  const char* name;
  std::vector<std::string> routes;
  const char* method;
  const char* path;
  std::vector<std::string> near;
};

void PrintTo(const Case& test, std::ostream* out) { *out << test.method << " " << test.path; }

class NearMissesTest : public ::testing::TestWithParam<Case> {};

TEST_P(NearMissesTest, AreFound) {
  const Case& test = GetParam();
  EXPECT_THAT(Find(test.routes, test.method, test.path), ElementsAreArray(test.near));
}

INSTANTIATE_TEST_SUITE_P(
    Of, NearMissesTest,
    ::testing::Values(
        Case{"AnotherMethod",
             {"GET /v1/a/{id}", "DELETE /v1/a/{id}"},
             "POST",
             "/v1/a/7",
             {"DELETE /v1/a/{id}: serves this path, under DELETE",
              "GET /v1/a/{id}: serves this path, under GET"}},
        Case{"ASlashTooMany",
             {"GET /v1/a"},
             "GET",
             "/v1/a/",
             {"GET /v1/a: matches without the slash at the end"}},
        Case{"OneSegmentTooMany",
             {"GET /v1/invoices/{id}"},
             "GET",
             "/v1/invoices/7/lines",
             {"GET /v1/invoices/{id}: matches up to segment 3, then `lines` is one too many"}},
        Case{"TwoSegmentsTooMany",
             {"GET /v1/invoices/{id}"},
             "GET",
             "/v1/invoices/7/lines/2",
             {"GET /v1/invoices/{id}: matches up to segment 3, then `lines` and what follows are "
              "too many"}},
        Case{"ThreeSegmentsTooMany", {"GET /v1/invoices/{id}"}, "GET", "/v1/invoices/7/a/b/c", {}},
        Case{"TheEndIsMissing",
             {"GET /v1/invoices/{id}"},
             "GET",
             "/v1/invoices",
             {"GET /v1/invoices/{id}: matches up to segment 2, then the path ends where a value is "
              "expected"}},
        Case{"ALiteralIsMissing",
             {"GET /v1/{id}/lines"},
             "GET",
             "/v1/7",
             {"GET /v1/{id}/lines: matches up to segment 2, then the path ends where `lines` is "
              "expected"}},
        Case{"AnEmptySegment",
             {"GET /v1/{id}"},
             "GET",
             "/v1/",
             {"GET /v1/{id}: matches up to segment 1, then segment 2 is empty"}},
        Case{"AnotherLiteralAtTheEnd",
             {"GET /v1/a/{id}/lines"},
             "GET",
             "/v1/a/7/payments",
             {"GET /v1/a/{id}/lines: matches up to segment 3, then `lines` is expected"}},
        Case{"Case",
             {"GET /v1/invoices/{id}"},
             "GET",
             "/V1/Invoices/7",
             {"GET /v1/invoices/{id}: `V1` should be `v1`; `Invoices` should be `invoices`"}},
        Case{"Letters",
             {"GET /v1/invoices/{id}"},
             "GET",
             "/v1/invoces/7",
             {"GET /v1/invoices/{id}: `invoces` should be `invoices`"}},
        Case{"SwappedLetters",
             {"GET /v1/invoices"},
             "GET",
             "/v1/inovices",
             {"GET /v1/invoices: `inovices` should be `invoices`"}},
        Case{"AVersion",
             {"GET /v1/invoices"},
             "GET",
             "/v2/invoices",
             {"GET /v1/invoices: `v2` should be `v1`"}},
        Case{"ThreeLetters", {"GET /abcdefg/{id}"}, "GET", "/xyzdefg/7", {}},
        Case{"AnotherMethodToo",
             {"POST /v1/invoices"},
             "GET",
             "/v1/invoice",
             {"POST /v1/invoices: `invoice` should be `invoices`, under POST"}},
        Case{"HeadIsServedByGet",
             {"GET /v1/invoices"},
             "HEAD",
             "/v1/invoice",
             {"GET /v1/invoices: `invoice` should be `invoices`"}},
        Case{"AVerb",
             {"GET /v1/invoices:watch"},
             "GET",
             "/v1/invoices:wacth",
             {"GET /v1/invoices:watch: `wacth` should be `watch`"}},
        Case{"NoVerb",
             {"GET /v1/invoices:watch"},
             "GET",
             "/v1/invoices",
             {"GET /v1/invoices:watch: the verb `:watch` is missing at the end"}},
        Case{"AnotherVerb",
             {"GET /v1/invoices:watch"},
             "GET",
             "/v1/invoices:cancel",
             {"GET /v1/invoices:watch: the verb should be `:watch`"}},
        Case{"AVerbAndASegment", {"GET /v1/a/invoices:watch"}, "GET", "/v1/a/invoices/7", {}},
        Case{"OfAKnownPathOnlyWhatServesTheMethod",
             {"GET /v1/a/{id}", "GET /v1/a", "POST /v1/a/{id}/b"},
             "POST",
             "/v1/a/7",
             {"GET /v1/a/{id}: serves this path, under GET",
              "POST /v1/a/{id}/b: matches up to segment 3, then the path ends where `b` is "
              "expected"}},
        Case{"BehindManySegments",
             {"GET /v1/{x=**}/lines"},
             "GET",
             "/v1/a/b/linse",
             {"GET /v1/{x=**}/lines: `linse` should be `lines`"}},
        Case{"NotBehindManySegments",
             {"GET /v1/{x=**}/lines"},
             "GET",
             "/v1/a/b/payments",
             {"GET /v1/{x=**}/lines: `lines` is expected as segment 1 from the end"}},
        Case{"Escapes",
             {"GET /v1/in%20voices"},
             "GET",
             "/v1/in%20voice",
             {"GET /v1/in%20voices: something else should be `in voices`"}},
        Case{"WhatIsNoPlainNameIsNotShown",
             {"GET /v1/invoices"},
             "GET",
             "/v1/invoices%1b",
             {"GET /v1/invoices: something else should be `invoices`"}},
        Case{"NothingInCommon", {"GET /v1/{id}", "GET /{a}/{b}/{c}"}, "GET", "/favicon.ico", {}},
        Case{"TheNearestFirst",
             {"GET /v1/invoices/{id}/lines", "GET /v1/customers/{id}", "GET /v1/invoices/{id}",
              "GET /v1/Invoice/{id}", "PUT /v1/invoice/{id}"},
             "GET",
             "/v1/invoice/7",
             {"GET /v1/Invoice/{id}: `invoice` should be `Invoice`",
              "GET /v1/invoices/{id}: `invoice` should be `invoices`",
              "PUT /v1/invoice/{id}: serves this path, under PUT"}}),
    [](const auto& info) { return info.param.name; });

TEST(NearMissesTest, AtMostFive) {
  std::vector<std::string> routes;
  for (int i = 0; i < 20; ++i) routes.push_back(fmt::format("GET /v1/a/x{}", i));
  EXPECT_THAT(Find(routes, "GET", "/v1/a/y"), SizeIs(5));
}

TEST(NearMissesTest, AutomaticRouteOfAMethodThatThePathNames) {
  const auto set = LoadProto(R"(syntax = "proto3"; package bill;
    message M {} service Bills { rpc GetBill(M) returns (M); rpc Cancel(M) returns (M); })");
  const auto table = RouteTable::Build(*CompileRoutes(*set, {}));
  for (const char* path : {"/GetBill", "/Bills/getbill", "/v1/bill.Bills.V2/GetBil"}) {
    const auto near = FindNearMisses(*table, "POST", path);
    ASSERT_THAT(near, SizeIs(1)) << path;
    EXPECT_EQ(near[0].route->grpc_path, "/bill.Bills/GetBill");
    EXPECT_EQ(near[0].why, "is the automatic route of the method");
  }
}

TEST(NearMissesTest, HugePathsTakeNoTime) {
  std::string path, word(100'000, 'a');
  for (int i = 0; i < 100'000; ++i) path += "/v1";
  const auto started = std::chrono::steady_clock::now();
  EXPECT_THAT(Find({"GET /v1/{x}", "GET /v1/a"}, "GET", path), IsEmpty());
  Find({"GET /v1/{x}/b", "GET /v1/a"}, "GET", "/v1/" + word);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(2));
}

TEST(NearbyDistanceTest, CountsLettersUpToTwo) {
  EXPECT_EQ(NearbyDistance("users", "Users"), 0);
  EXPECT_EQ(NearbyDistance("users", "user"), 1);
  EXPECT_EQ(NearbyDistance("users", "usres"), 1);
  EXPECT_EQ(NearbyDistance("users", "uers1"), 2);
  EXPECT_EQ(NearbyDistance("users", "books"), std::nullopt);
  EXPECT_EQ(NearbyDistance("me", "us"), std::nullopt);
  EXPECT_EQ(NearbyDistance("a", "b"), std::nullopt);
  EXPECT_EQ(NearbyDistance("", ""), 0);
}

}  // namespace
}  // namespace puente::testing
