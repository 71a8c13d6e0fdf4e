// Messages, answers and metadata that are larger, or deeper, than is configured.
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class MessageLimits : public testing::Test {
 protected:
  MessageLimits() {
    upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf(std::string(2000, 'x'))));
    upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
      stream.Write(InvoiceOf("a"));
      stream.Write(InvoiceOf(std::string(2000, 'x')));
      stream.WaitCancelled();
      return grpc::Status::OK;
    });
    upstream_.OnUnary(kCreateInvoice, UnaryReply());
  }

  ProxyUnderTest WithUpstream(const std::string& options) const {
    return ProxyUnderTest::FromConfig(
        ExampleConfig(fmt::format("upstreams: [{{name: examples, grpc: {{target: \"{}\", {}}}}}]",
                                  upstream_.target(), options)));
  }

  FakeUpstream upstream_;
};

TEST_F(MessageLimits, MessageThatIsTooLargeToReceiveIs500) {
  const ProxyUnderTest proxy = WithUpstream("max_receive_message_bytes: 1000");
  HttpClient client = proxy.Connect();
  const HttpResponse response = client.Get(kInvoice);
  EXPECT_THAT(response, IsError(500, 13));
  EXPECT_THAT(response.body, Not(HasSubstr("1000")));
  upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("small")));
  EXPECT_THAT(client.Get(kInvoice), IsJson(R"({"id":"small"})"));
}

TEST_F(MessageLimits, FirstMessageThatIsTooLargeToReceiveIs500) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf(std::string(2000, 'x')));
    stream.WaitCancelled();
    return grpc::Status::OK;
  });
  EXPECT_THAT(WithUpstream("max_receive_message_bytes: 1000").Get(kWatch), IsError(500, 13));
}

// A gRPC server says so in the very words of the client.
TEST_F(MessageLimits, RequestThatTheUpstreamFindsTooLargeKeepsItsStatus) {
  const std::string words = "Received message larger than max (2003 vs. 1000)";
  upstream_.OnUnary(kGetInvoice, {.status = {grpc::StatusCode::RESOURCE_EXHAUSTED, words}});
  const HttpResponse response = WithUpstream("max_receive_message_bytes: 2000").Get(kInvoice);
  EXPECT_THAT(response, IsError(429, 8));
  EXPECT_THAT(response.body, HasSubstr(words));
}

TEST_F(MessageLimits, LaterMessageThatIsTooLargeToReceiveCutsTheStream) {
  const ProxyUnderTest proxy = WithUpstream("max_receive_message_bytes: 1000");
  const HttpResponse response = proxy.Get(kWatch);
  EXPECT_EQ(response.body, R"([{"id":"a"})");
  EXPECT_FALSE(response.complete);
  EXPECT_TRUE(upstream_.WaitForCancelled(1));
}

TEST_F(MessageLimits, MessageThatIsTooLargeToSendIs413) {
  const ProxyUnderTest proxy = WithUpstream("max_send_message_bytes: 1000");
  HttpClient client = proxy.Connect();
  const std::string body = R"({"id":")" + std::string(2000, 'x') + R"("})";
  EXPECT_THAT(client.Post("/v1/customers/c-1/invoices", body), IsError(413, 8));
  EXPECT_EQ(client.Post("/v1/customers/c-1/invoices", "{}").status, 200);
}

TEST_F(MessageLimits, JsonThatIsTooLargeIs500) {
  const ProxyUnderTest proxy(upstream_.target(), "limits: {max_response_body_bytes: 1000}");
  HttpClient client = proxy.Connect();
  EXPECT_THAT(client.Get(kInvoice), IsError(500, 13));
  upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("small")));
  EXPECT_THAT(client.Get(kInvoice), IsJson(R"({"id":"small"})"));
}

// Rule 12: max_json_depth holds for answers too.
TEST_F(MessageLimits, JsonThatIsTooDeepIs500) {
  billing::v1::Invoice deep;
  deep.add_lines()->mutable_price()->set_units(1);
  upstream_.OnUnary(kGetInvoice, UnaryReply::Message(deep));
  const ProxyUnderTest enough(upstream_.target(), "limits: {max_json_depth: 4}");
  EXPECT_THAT(enough.Get(kInvoice), IsJson(R"({"lines":[{"price":{"units":"1"}}]})"));
  const ProxyUnderTest shallow(upstream_.target(), "limits: {max_json_depth: 3}");
  EXPECT_THAT(shallow.Get(kInvoice), IsError(500, 13));
}

// gRPC 1.51 closes the whole connection over one call with too much metadata.
TEST_F(MessageLimits, HeadersThatAreTooLargeAre431AndDisturbNoOtherCall) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    stream.WaitCancelled();
    return grpc::Status::OK;
  });
  const ProxyUnderTest proxy(upstream_.target());
  HttpClient other = proxy.Connect();
  other.Send("GET", kWatch);
  other.ReadHead();
  ASSERT_EQ(other.ReadChunk(), R"([{"id":"a"})");
  HttpClient client = proxy.Connect();
  for (const char* name : {"x-pad", "x-pad-bin"}) {
    std::size_t size = 4000;
    HttpResponse response;
    do {
      response = client.Get(kInvoice, {{name, std::string(size, 'A')}});
      size += 60;
    } while (response.status == 200 && size < 9000);
    EXPECT_THAT(response, IsError(431, 3)) << name;
    EXPECT_GT(size, 6500U) << name;
    EXPECT_THAT(client.Get(kInvoice, {{name, std::string(15000, 'A')}}), IsError(431, 3));
  }
  EXPECT_FALSE(other.HasInput(std::chrono::milliseconds(100))) << "its stream was cut";
}

TEST_F(MessageLimits, MetadataLimitIsTheUpstreamsOwn) {
  const HeaderList headers = {{"x-pad", std::string(1500, 'x')}};
  EXPECT_THAT(WithUpstream("max_metadata_bytes: 2048").Get(kInvoice, headers), IsError(431, 3));
  EXPECT_EQ(WithUpstream("max_metadata_bytes: 3000").Get(kInvoice, headers).status, 200);
}

TEST_F(MessageLimits, LongStatusDetailsArriveWhole) {
  google::rpc::Status status;
  google::rpc::DebugInfo info;
  info.set_detail(std::string(50000, 'd'));
  status.add_details()->PackFrom(info);
  upstream_.OnUnary(kGetInvoice,
                    {.status = {grpc::StatusCode::ABORTED, "again", status.SerializeAsString()}});
  const ProxyUnderTest proxy(upstream_.target());
  const HttpResponse response = proxy.Get(kInvoice);
  EXPECT_THAT(response, IsError(409, 10));
  EXPECT_THAT(response.body, HasSubstr(info.detail()));
}

}  // namespace
}  // namespace puente::test
