// Targets and methods that HTTP itself decides about (design section 4, rules 2, 7 and 12).
#include <gmock/gmock.h>

#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

struct TargetCase {
  const char* method;
  const char* target;
  int status;
  int code;  // of the google.rpc.Status
};

TEST(RequestTargetTest, WhatIsRefusedIsRefusedByItsOwnStatus) {
  const TargetCase kCases[] = {
      {"GET", "/v1/./invoices", 400, 3},
      {"GET", "/v1/../v1/invoices/7", 400, 3},
      {"GET", "/v1/invoices/..", 400, 3},
      {"GET", "/v1/invoices/%2e%2E", 400, 3},
      {"GET", "/v1/%2e/invoices/7", 400, 3},
      {"GET", "/v1/invoices/%", 400, 3},
      {"GET", "/v1/invoices/%4", 400, 3},
      {"GET", "/v1/invoices/%zz", 400, 3},
      {"GET", "/v1/invoices/%00", 400, 3},
      {"GET", "/v1/invoices?page_token=%00", 400, 3},
      {"GET", "/v1/invoices?page_token=%x", 400, 3},
      {"GET", "/v1/invoices/7#part", 400, 3},
      // "//" is kept, so it is another path.
      {"GET", "/v1//invoices/7", 404, 5},
      {"GET", "//v1/invoices/7", 404, 5},
      {"GET", "/nowhere", 404, 5},
      {"GET", "/", 404, 5},
      {"DELETE", "/v1/invoices/7", 405, 12},
      {"BREW", "/v1/invoices/7", 405, 12},
      {"get", "/v1/invoices/7", 405, 12},
      {"TRACE", "/v1/invoices/7", 405, 12},
      {"TRACE", "/nowhere", 405, 12},
      {"CONNECT", "example.test:443", 405, 12},
  };
  InvoiceProxy under_test;
  for (const TargetCase& c : kCases) {
    const auto answer = under_test.proxy.Connect().Request(c.method, c.target);
    EXPECT_EQ(FindErrorDifference(answer, c.status, c.code), std::nullopt)
        << c.method << " " << c.target;
    EXPECT_EQ(answer.Count("allow"), c.status == 405 ? 1U : 0U) << c.method << " " << c.target;
  }
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

TEST(RequestTargetTest, AllowNamesWhatThePathTakes) {
  InvoiceProxy under_test;
  const auto answer = under_test.proxy.Connect().Request("DELETE", "/v1/invoices/7");
  EXPECT_EQ(answer.Header("allow"), "GET, HEAD, OPTIONS");
}

TEST(RequestTargetTest, OptionsIs204WithAllow) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  auto answer = client.Request("OPTIONS", "/v1/invoices/7");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.Header("allow"), "GET, HEAD, OPTIONS");
  answer = client.Request("OPTIONS", "*");
  EXPECT_EQ(answer.status, 204);
  EXPECT_THAT(answer.Header("allow").value_or(""), testing::HasSubstr("POST"));
  answer = client.Request("OPTIONS", "/nowhere");
  EXPECT_EQ(FindErrorDifference(answer, 404, 5), std::nullopt);
}

TEST(RequestTargetTest, AbsoluteFormOfTheOwnHostIsItsPath) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  for (const char* target : {"http://a.test:80/v1/invoices/7", "HTTPS://A.test:80/v1/invoices/7"}) {
    const auto answer = client.Get(target, {{"Host", "a.test:80"}});
    EXPECT_EQ(answer.body, "{\"id\":\"7\"}") << target;
  }
  const auto answer = client.Get("http://a.test", {{"Host", "a.test"}});
  EXPECT_EQ(FindErrorDifference(answer, 404, 5), std::nullopt);
}

TEST(RequestTargetTest, UnknownExpectationIs417) {
  InvoiceProxy under_test;
  const auto answer =
      under_test.proxy.Post("/v1/customers/c/invoices", "{}", {{"Expect", "the-unexpected"}});
  EXPECT_EQ(FindErrorDifference(answer, 417, 3), std::nullopt);
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

}  // namespace
}  // namespace puente::test
