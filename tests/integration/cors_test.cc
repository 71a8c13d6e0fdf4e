// Cross-origin requests of browsers (design section 4, rule 2).
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

constexpr char kApp[] = "https://app.example";

class CorsOfTheProxy : public testing::Test {
 protected:
  void SetUp() override {
    upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("a")));
    upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
      stream.Write(InvoiceOf("a"));
      return grpc::Status::OK;
    });
  }
  FakeUpstream upstream_;
  ProxyUnderTest proxy_{upstream_.target(), "cors: {allow_origins: [\"https://app.example\"]}"};
};

TEST_F(CorsOfTheProxy, AnswersOfEveryKindMayBeRead) {
  for (const std::string target : {kInvoice, kWatch, "/nowhere"}) {
    const HttpResponse response = proxy_.Get(target, {{"Origin", kApp}});
    EXPECT_EQ(response.Header("Access-Control-Allow-Origin"), kApp) << target;
    EXPECT_EQ(proxy_.Get(target, {{"Origin", "https://evil.example"}})
                  .Header("Access-Control-Allow-Origin"),
              std::nullopt)
        << target;
  }
}

// Two of them, and a browser takes none.
TEST_F(CorsOfTheProxy, TheUpstreamsOwnHeadersGiveWay) {
  upstream_.OnUnary(kGetInvoice,
                    {.initial_metadata = {{"access-control-allow-origin", "*"},
                                          {"access-control-allow-credentials", "true"}}});
  const HttpResponse response = proxy_.Get(kInvoice, {{"Origin", kApp}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Count("Access-Control-Allow-Origin"), 1U);
  EXPECT_EQ(response.Count("Access-Control-Allow-Credentials"), 0U);
}

TEST_F(CorsOfTheProxy, RequestsThatAreRefusedAtOnceMayBeRead) {
  const HttpResponse response =
      proxy_.Get(kInvoice, {{"Origin", kApp}, {"Expect", "the impossible"}});
  EXPECT_EQ(response.status, 417);
  EXPECT_EQ(response.Header("Access-Control-Allow-Origin"), kApp);
}

TEST_F(CorsOfTheProxy, PreflightIsAnsweredWithoutACall) {
  const HttpResponse response = proxy_.Connect().Request(
      "OPTIONS", kInvoice, {{"Origin", kApp}, {"Access-Control-Request-Method", "GET"}});
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.Header("Access-Control-Allow-Origin"), kApp);
  EXPECT_EQ(response.Header("Access-Control-Allow-Methods"), response.Header("Allow"));
  EXPECT_EQ(response.Header("Access-Control-Max-Age"), "600");
  EXPECT_EQ(upstream_.CallCount(), 0U);
}

}  // namespace
}  // namespace puente::test
