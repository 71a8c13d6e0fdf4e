// Upstreams that go away and come back.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using testing::HasSubstr;
using testing::Not;

MATCHER(IsUnavailable, "") {
  return testing::ExplainMatchResult(IsError(503, 14), arg, result_listener) &&
         arg.body.find("127.0.0.1") == std::string::npos &&
         arg.body.find("ipv4") == std::string::npos;
}

void ServeInvoices(FakeUpstream& upstream) {
  upstream.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("a")));
  upstream.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    return grpc::Status::OK;
  });
}

TEST(Recovery, DeadUpstreamIs503AndServesAgainWhenItIsBack) {
  FakeUpstream upstream;
  ServeInvoices(upstream);
  const ProxyUnderTest proxy(upstream.target());
  HttpClient client = proxy.Connect();
  ASSERT_EQ(client.Get(kInvoice).status, 200);
  for (int round = 0; round < 2; ++round) {
    SCOPED_TRACE(round);
    upstream.Stop();
    for (int i = 0; i < 5; ++i) {
      EXPECT_THAT(client.Get(kInvoice), IsUnavailable());
      EXPECT_THAT(client.Get(kWatch), IsUnavailable());
    }
    upstream.Start();
    EXPECT_TRUE(
        WaitUntil([&] { return client.Get(kInvoice).status == 200; }, std::chrono::seconds(3)));
    EXPECT_THAT(client.Get(kWatch), IsJson(R"([{"id":"a"}])"));
  }
}

TEST(Recovery, UpstreamThatIsNotThereAtTheStartIsFoundLater) {
  FakeUpstream upstream;
  ServeInvoices(upstream);
  upstream.Stop();
  const ProxyUnderTest proxy(upstream.target());
  HttpClient client = proxy.Connect();
  EXPECT_THAT(client.Get(kInvoice), IsUnavailable());
  upstream.Start();
  EXPECT_TRUE(
      WaitUntil([&] { return client.Get(kInvoice).status == 200; }, std::chrono::seconds(3)));
}

TEST(Recovery, UpstreamThatDiesDuringACallIs503) {
  FakeUpstream upstream;
  ServeInvoices(upstream);
  const ProxyUnderTest proxy(upstream.target());
  upstream.HoldReplies();
  HttpClient client = proxy.Connect();
  client.Send("GET", kInvoice);
  ASSERT_TRUE(upstream.WaitForCalls(1));
  upstream.Stop();
  EXPECT_THAT(client.ReadResponse(), IsUnavailable());
  upstream.Release();
  upstream.Start();
  EXPECT_TRUE(WaitUntil([&] { return client.Get(kInvoice).status == 200; }));
}

TEST(Recovery, UnavailableFromTheServiceItselfKeepsItsMessage) {
  FakeUpstream upstream;
  upstream.OnUnary(kGetInvoice, {.status = {grpc::StatusCode::UNAVAILABLE, "closed on Sundays"}});
  const ProxyUnderTest proxy(upstream.target());
  EXPECT_EQ(proxy.Get(kInvoice).body, R"({"code":14,"message":"closed on Sundays"})");
}

class TwoTargets : public testing::Test {
 protected:
  TwoTargets() {
    ServeInvoices(a_);
    ServeInvoices(b_);
  }

  // How many of `count` calls are answered 200.
  int Call(int count) {
    int good = 0;
    for (int i = 0; i < count; ++i) good += client_.Get(kInvoice).status == 200 ? 1 : 0;
    return good;
  }

  FakeUpstream a_;
  FakeUpstream b_;
  ProxyUnderTest proxy_ = ProxyUnderTest::FromConfig(ExampleConfig(
      fmt::format("upstreams: [{{name: examples, grpc: {{targets: [\"{}\", \"{}\"]}}}}]",
                  a_.target(), b_.target())));
  HttpClient client_ = proxy_.Connect();
};

TEST_F(TwoTargets, ShareTheCalls) {
  ASSERT_TRUE(
      WaitUntil([this] { return Call(2) == 2 && a_.CallCount() > 0 && b_.CallCount() > 0; }));
  const std::size_t a = a_.CallCount();
  const std::size_t b = b_.CallCount();
  EXPECT_EQ(Call(100), 100);
  EXPECT_EQ(a_.CallCount() - a, 50u);
  EXPECT_EQ(b_.CallCount() - b, 50u);
}

TEST_F(TwoTargets, OneGoesOnWithoutTheOther) {
  ASSERT_TRUE(
      WaitUntil([this] { return Call(2) == 2 && a_.CallCount() > 0 && b_.CallCount() > 0; }));
  a_.Stop();
  // The call or two that meet the end of the connection may fail.
  Call(2);
  EXPECT_EQ(Call(200), 200);
  const std::size_t before = a_.CallCount();
  a_.Start();
  EXPECT_TRUE(WaitUntil([&] { return Call(2) == 2 && a_.CallCount() > before; }));
  b_.Stop();
  Call(2);
  EXPECT_EQ(Call(200), 200);
}

// Nobody accepts its connections, but the kernel does: such a channel is connecting for seconds.
TEST(Targets, OneThatIsSilentGetsNoCallsWhileTheOtherIsConnected) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
  FakeUpstream upstream;
  ServeInvoices(upstream);
  const auto proxy = ProxyUnderTest::FromConfig(ExampleConfig(
      fmt::format("upstreams: [{{name: examples, grpc: {{targets: [\"127.0.0.1:{}\", \"{}\"]}}}}]",
                  silent.local_endpoint().port(), upstream.target())));
  HttpClient client = proxy.Connect();
  const auto call = [&client] { return client.Get(kInvoice, {{"grpc-timeout", "500m"}}).status; };
  ASSERT_TRUE(WaitUntil([&] { return call() == 200; }));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(call(), 200);
}

TEST_F(TwoTargets, BothAwayIs503) {
  a_.Stop();
  b_.Stop();
  for (int i = 0; i < 4; ++i) EXPECT_THAT(client_.Get(kInvoice), IsUnavailable());
  b_.Start();
  EXPECT_TRUE(WaitUntil([this] { return Call(10) == 10; }));
}

}  // namespace
}  // namespace puente::test
