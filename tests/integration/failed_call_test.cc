// What an upstream says beside an error reaches the client, in a form that HTTP allows.
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using testing::HasSubstr;
using testing::Optional;

class FailedCall : public testing::Test {
 protected:
  HttpResponse Answer(UnaryReply reply) {
    upstream_.OnUnary(kGetInvoice, std::move(reply));
    return proxy_.Get(kInvoice);
  }

  FakeUpstream upstream_;
  ProxyUnderTest proxy_{upstream_.target()};
};

TEST_F(FailedCall, ExposesItsMetadata) {
  const auto response = Answer({.status = {grpc::StatusCode::RESOURCE_EXHAUSTED, "later"},
                                .initial_metadata = {{"x-init", "1"}},
                                .trailing_metadata = {{"retry-after", "5"}, {"x-trail", "2"}}});
  EXPECT_EQ(response.status, 429);
  EXPECT_THAT(response.Header("retry-after"), Optional(std::string("5")));
  EXPECT_THAT(response.Header("x-trail"), Optional(std::string("2")));
}

TEST_F(FailedCall, BeforeTheFirstMessageOfAStreamExposesItsMetadata) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.AddTrailingMetadata("retry-after", "7");
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "later");
  });
  const auto response = proxy_.Get(kWatch);
  EXPECT_EQ(response.status, 429);
  EXPECT_THAT(response.Header("retry-after"), Optional(std::string("7")));
}

TEST_F(FailedCall, ThatIsUnauthenticatedCarriesAChallenge) {
  const auto bare = Answer({.status = {grpc::StatusCode::UNAUTHENTICATED, "who?"}});
  EXPECT_EQ(bare.status, 401);
  EXPECT_THAT(bare.Header("www-authenticate"), Optional(std::string("Bearer")));
  const auto own = Answer({.status = {grpc::StatusCode::UNAUTHENTICATED, "who?"},
                           .trailing_metadata = {{"www-authenticate", "Basic realm=\"a\""}}});
  EXPECT_THAT(own.Header("www-authenticate"), Optional(std::string("Basic realm=\"a\"")));
  EXPECT_EQ(own.Count("www-authenticate"), 1);
}

TEST_F(FailedCall, WithACodeOutsideOfTheTableIsUnknown) {
  const auto response = Answer({.status = {static_cast<grpc::StatusCode>(31), "odd"}});
  EXPECT_THAT(response, IsError(500, 2));
}

TEST_F(FailedCall, HasOneDate) {
  auto reply = UnaryReply::Message(InvoiceOf("a"));
  reply.trailing_metadata = {{"date", "yesterday"}};
  EXPECT_EQ(Answer(std::move(reply)).Count("date"), 1);
}

TEST_F(FailedCall, IsNotEvenMadeAfterItsDeadline) {
  upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("a")));
  for (const char* timeout : {"0S", "0n"}) {
    EXPECT_THAT(proxy_.Get(kInvoice, {{"grpc-timeout", timeout}}), IsError(504, 4)) << timeout;
  }
  EXPECT_EQ(upstream_.CallCount(), 0);
}

TEST_F(FailedCall, IsNotMadeForABodyThatIsNotOne) {
  const std::string path = "/v1/customers/c/invoices";
  const std::string twice = "POST " + path +
                            " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                            "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}";
  HttpClient client = proxy_.Connect();
  client.SendRaw(twice);
  EXPECT_THAT(client.ReadResponse(), IsError(400, 3));
  EXPECT_THAT(proxy_.Post(path, "{}", {{"Content-Encoding", "br"}}), IsError(415, 3));
  EXPECT_THAT(proxy_.Post(path, "{}", {{"Content-Encoding", "gzip"}}), IsError(400, 3));
  EXPECT_EQ(upstream_.CallCount(), 0);
}

// A name that gRPC takes for a key of text, whatever its end says, aborted the process.
TEST_F(FailedCall, IsNotCausedByAHeaderThatIsOnlyASuffix) {
  upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("a")));
  EXPECT_EQ(proxy_.Get(kInvoice, {{"-bin", "AQ=="}}).status, 200);
}

}  // namespace
}  // namespace puente::test
