#include "examples/requests.h"

#include <gmock/gmock.h>

#include <set>

namespace puente::examples {
namespace {

using testing::HasSubstr;

const DemoAnswer kJson{
    .status = 200, .headers = {{"Content-Type", "application/json"}}, .body = R"({"id": "1"})"};

TEST(CurlLine, IsWhatAPersonWouldType) {
  EXPECT_EQ(CurlLine(GetRequest("", "/v1/a?b=c&d=e", "{}")),
            "curl -s 'http://127.0.0.1:8080/v1/a?b=c&d=e'");
  EXPECT_EQ(CurlLine(JsonRequest("", "/v1/a", R"({"b": 1})", "{}"), "http://host"),
            R"(curl -s 'http://host/v1/a' -H 'Content-Type: application/json' -d '{"b": 1}')");
  EXPECT_EQ(CurlLine(ExpectStatus(405, {.method = "DELETE", .target = "/v1/a"})),
            "curl -s -i -X DELETE 'http://127.0.0.1:8080/v1/a'");
}

TEST(DemoRequests, AreSafeToPasteIntoAShell) {
  std::set<std::string> lines;
  for (const auto& request : DemoRequests()) {
    EXPECT_THAT(request.target + request.body, testing::Not(HasSubstr("'"))) << request.title;
    EXPECT_FALSE(request.title.empty());
    EXPECT_TRUE(request.check);
    EXPECT_TRUE(lines.insert(CurlLine(request)).second) << request.title;
  }
  EXPECT_GE(lines.size(), 15U);
}

TEST(CheckAnswer, AsksForStatusTypeAndContent) {
  const auto request = GetRequest("", "/v1/a", R"({"id": "1"})");
  EXPECT_EQ(CheckAnswer(request, kJson), std::nullopt);

  auto answer = kJson;
  answer.status = 500;
  EXPECT_EQ(CheckAnswer(request, answer), "expected status 200, is 500");
  answer = kJson;
  answer.body = R"({"id": "2"})";
  EXPECT_EQ(CheckAnswer(request, answer), R"(id: expected "1", is "2")");
  answer = kJson;
  answer.headers = {{"content-type", "text/plain"}};
  EXPECT_EQ(CheckAnswer(request, answer), "the answer's type is not JSON");
}

TEST(DemoAnswer, FindsHeadersInAnyCase) {
  EXPECT_EQ(kJson.Header("CONTENT-TYPE"), "application/json");
  EXPECT_EQ(kJson.Header("content"), std::nullopt);
}

}  // namespace
}  // namespace puente::examples
