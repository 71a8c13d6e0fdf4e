// Deadlines: the route's timeout, and grpc-timeout within it (design section 4, rule 11).
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using std::chrono::system_clock;

std::string Timeout(const std::string& timeout) {
  return "routes: [{match: {service: billing.v1.BillingService}, upstream: examples, timeout: " +
         timeout + "}]";
}

class Deadline : public testing::Test {
 protected:
  Deadline() {
    upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("a")));
    upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
      stream.WaitCancelled();
      return grpc::Status::OK;
    });
  }

  // How much time the upstream sees that its only call has.
  std::chrono::nanoseconds TimeLeft(system_clock::time_point called) const {
    const auto deadline = upstream_.Calls().at(0).deadline;
    return deadline ? *deadline - called : std::chrono::nanoseconds::max();
  }

  FakeUpstream upstream_;
};

TEST_F(Deadline, OfTheRouteIs504) {
  const ProxyUnderTest proxy(upstream_.target(), Timeout("1s"));
  upstream_.HoldReplies();
  HttpClient client = proxy.Connect();
  EXPECT_THAT(client.Get(kInvoice), IsError(504, 4));
  EXPECT_TRUE(upstream_.WaitForCancelled(1));
  upstream_.Release();
  EXPECT_EQ(client.Get(kInvoice).status, 200) << "the connection is still usable";
}

// gRPC hands out no second message of a unary call, and no status before it.
TEST_F(Deadline, EndsAUnaryCallThatIsAnsweredTwice) {
  const ProxyUnderTest proxy(upstream_.target(), Timeout("200ms"));
  upstream_.OnStream(kGetInvoice, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    stream.Write(InvoiceOf("b"));
    return grpc::Status::OK;
  });
  EXPECT_THAT(proxy.Get(kInvoice), IsError(504, 4));
}

TEST_F(Deadline, IsSeenByTheUpstream) {
  const ProxyUnderTest proxy(upstream_.target(), Timeout("7s"));
  const auto called = system_clock::now();
  ASSERT_EQ(proxy.Get(kInvoice).status, 200);
  EXPECT_GT(TimeLeft(called), 5s);
  EXPECT_LT(TimeLeft(called), 9s);
}

TEST_F(Deadline, WithoutRoutesIsTheDefaultTimeout) {
  const ProxyUnderTest proxy(upstream_.target());
  const auto called = system_clock::now();
  ASSERT_EQ(proxy.Get(kInvoice).status, 200);
  EXPECT_GT(TimeLeft(called), 13s);
  EXPECT_LT(TimeLeft(called), 17s);
}

TEST_F(Deadline, IsShortenedByTheClient) {
  const ProxyUnderTest proxy(upstream_.target());
  upstream_.HoldReplies();
  const auto asked = steady_clock::now();
  EXPECT_THAT(proxy.Get(kInvoice, {{"grpc-timeout", "200m"}}), IsError(504, 4));
  EXPECT_LT(steady_clock::now() - asked, 5s);
}

TEST_F(Deadline, IsNotLengthenedByTheClient) {
  const ProxyUnderTest proxy(upstream_.target(), Timeout("200ms"));
  upstream_.HoldReplies();
  const auto asked = steady_clock::now();
  for (const char* timeout : {"30S", "99999999H"}) {
    EXPECT_THAT(proxy.Get(kInvoice, {{"grpc-timeout", timeout}}), IsError(504, 4)) << timeout;
  }
  EXPECT_LT(steady_clock::now() - asked, 10s);
}

TEST_F(Deadline, ThatHasPassedAlreadyIs504) {
  const ProxyUnderTest proxy(upstream_.target());
  EXPECT_THAT(proxy.Get(kInvoice, {{"grpc-timeout", "0m"}}), IsError(504, 4));
  EXPECT_THAT(proxy.Get(kWatch, {{"grpc-timeout", "1n"}}), IsError(504, 4));
}

TEST_F(Deadline, ThatIsMalformedIs400) {
  const ProxyUnderTest proxy(upstream_.target());
  for (const char* timeout : {"", "1", "S", "-1S", "1.5S", "1s", "123456789S", "1S, 2S", "one"}) {
    const HttpResponse response = proxy.Get(kInvoice, {{"grpc-timeout", timeout}});
    EXPECT_THAT(response, IsError(400, 3)) << timeout;
    EXPECT_THAT(response.body, testing::HasSubstr("grpc-timeout"));
  }
  EXPECT_THAT(proxy.Get(kInvoice, {{"grpc-timeout", "1S"}, {"Grpc-Timeout", "1S"}}),
              IsError(400, 3));
  EXPECT_EQ(upstream_.CallCount(), 0u);
}

TEST_F(Deadline, OfAStreamIsForItsFirstMessage) {
  const ProxyUnderTest proxy(upstream_.target(), Timeout("200ms"));
  EXPECT_THAT(proxy.Get(kWatch), IsError(504, 4));
  EXPECT_TRUE(upstream_.WaitForCancelled(1));
}

TEST_F(Deadline, OfTheRouteDoesNotEndAStreamThatHasBegun) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    const bool cancelled = stream.WaitCancelled(700ms);
    if (!cancelled) stream.Write(InvoiceOf("b"));
    return grpc::Status::OK;
  });
  const ProxyUnderTest proxy(upstream_.target(), Timeout("200ms"));
  EXPECT_THAT(proxy.Get(kWatch), IsJson(R"([{"id":"a"},{"id":"b"}])"));
}

TEST_F(Deadline, OfTheClientEndsAStream) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    stream.WaitCancelled();
    return grpc::Status::OK;
  });
  const ProxyUnderTest proxy(upstream_.target());
  const HttpResponse response = proxy.Get(kWatch, {{"grpc-timeout", "400m"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"([{"id":"a"})");
  EXPECT_FALSE(response.complete);
  EXPECT_TRUE(upstream_.WaitForCancelled(1));
}

}  // namespace
}  // namespace puente::test
