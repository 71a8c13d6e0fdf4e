// A slow client slows the upstream: no message waits in the proxy but the one being written.
#include <atomic>

#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;

constexpr int kMessages = 1000;
constexpr std::size_t kMessageBytes = 64 << 10;
// What the sockets and gRPC's windows between the two ends may hold.
constexpr int kMostInFlight = (16 << 20) / kMessageBytes;

class BackPressure : public testing::Test {
 protected:
  BackPressure() {
    upstream_.OnStream(kWatchInvoices, [this](UpstreamStream& stream) {
      const auto message = InvoiceOf(std::string(kMessageBytes, 'x')).SerializeAsString();
      for (int i = 0; i < kMessages && stream.Write(message); ++i) ++written_;
      return grpc::Status::OK;
    });
  }

  std::atomic<int> written_{0};
  FakeUpstream upstream_;
  ProxyUnderTest proxy_{upstream_.target()};
};

TEST_F(BackPressure, ClientThatDoesNotReadBlocksTheUpstreamUntilItReads) {
  HttpClient client = proxy_.Connect({.receive_buffer_bytes = 8192});
  client.Send("GET", kWatch);
  ASSERT_TRUE(Settles(written_));
  EXPECT_GT(written_, 0);
  EXPECT_LT(written_, kMostInFlight);

  const HttpResponse response = client.ReadResponse();
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.chunks.size(), kMessages + 1);
  EXPECT_EQ(written_, kMessages);
}

TEST_F(BackPressure, StalledClientThatGoesAwayFreesItsConnectionAndItsCall) {
  const auto leave = std::to_array<void (*)(HttpClient&)>(
      {[](HttpClient& client) { client.Close(); }, [](HttpClient& client) { client.Reset(); },
       [](HttpClient& client) { client.HalfClose(); }});
  std::size_t cancelled = 0;
  for (const auto& leave_one : leave) {
    SCOPED_TRACE(cancelled);
    written_ = 0;
    HttpClient client = proxy_.Connect({.receive_buffer_bytes = 8192});
    client.Send("GET", kWatch);
    ASSERT_TRUE(Settles(written_));
    leave_one(client);
    EXPECT_TRUE(upstream_.WaitForCancelled(++cancelled));
    EXPECT_TRUE(WaitUntil(
        [this] { return proxy_.Metric(R"(grpc_active_connections{listener="rest"})") == 0; }));
  }
}

}  // namespace
}  // namespace puente::test
