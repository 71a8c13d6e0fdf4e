// Back-pressure in both directions of one exchange: what one side does not take, the other can't
// send.
#include <array>
#include <atomic>

#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMessageBytes = 64 << 10;
constexpr int kMessages = 1000;
// What the sockets and gRPC's windows between the two ends may hold.
constexpr int kMostInFlight = (16 << 20) / kMessageBytes;

const HeaderList kLines = {{"Content-Type", "application/x-ndjson"},
                           {"Accept", "application/x-ndjson"},
                           {"Transfer-Encoding", "chunked"}};

class BidiPressure : public testing::Test {
 protected:
  // The upstream reads one message, and answers with many.
  void AnswerALot(StreamsProxy& api) {
    api.upstream.OnStream(kTalk, [this](UpstreamStream& stream) {
      stream.Read();
      const std::string message = NoteOf(std::string(kMessageBytes, 'x')).SerializeAsString();
      for (int i = 0; i < kMessages && stream.Write(message); ++i) ++written_;
      return grpc::Status::OK;
    });
  }

  std::atomic<int> written_{0};
};

TEST_F(BidiPressure, ClientThatDoesNotReadStopsTheUpstream) {
  StreamsProxy api;
  AnswerALot(api);
  HttpClient client = api.proxy.Connect({.receive_buffer_bytes = 8192});
  client.Send("POST", kTalkPath, kLines);
  client.SendChunk("{}\n");
  ASSERT_TRUE(Settles(written_));
  EXPECT_GT(written_, 0);
  EXPECT_LT(written_, kMostInFlight);
  client.SendChunk("");
  const HttpResponse response = client.ReadResponse();
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.chunks.size(), std::size_t{kMessages});
}

// What the client sends meanwhile is no sign that it takes the answers.
TEST_F(BidiPressure, ClientThatNeverReadsIsGivenUpAlthoughItSends) {
  StreamsProxy api("limits: {idle_timeout: 700ms}");
  AnswerALot(api);
  HttpClient client = api.proxy.Connect({.receive_buffer_bytes = 8192});
  client.Send("POST", kTalkPath, kLines);
  client.SendChunk("{}\n");
  ASSERT_TRUE(Settles(written_));
  client.SendChunk("{}\n");
  EXPECT_TRUE(api.upstream.WaitForCancelled(1));
  EXPECT_TRUE(api.WaitUntilIdle());
}

TEST_F(BidiPressure, UpstreamThatDoesNotReadStopsTheClient) {
  StreamsProxy api;
  Turns turns;
  api.upstream.OnStream(kTalk, [&](UpstreamStream& stream) {
    stream.Write(NoteOf("begun"));
    turns.Take(30s);
    int read = 0;
    while (stream.Read()) ++read;
    stream.Write(NoteOf(std::to_string(read)));
    return grpc::Status::OK;
  });
  HttpClient client = api.proxy.Connect({.patience = 1s});
  client.Send("POST", kTalkPath, kLines);
  client.ReadHead();
  client.ReadChunk();
  const std::string line = R"({"text":")" + std::string(kMessageBytes, 'x') + "\"}\n";
  int sent = 0;
  EXPECT_THROW(for (; sent < kMessages; ++sent) client.SendChunk(line), ClientError);
  EXPECT_GT(sent, 0);
  EXPECT_LT(sent, kMostInFlight);
  client.Reset();
  EXPECT_TRUE(api.upstream.WaitForCancelled(1)) << "the client is missed also while it is stopped";
  turns.Give();
}

}  // namespace
}  // namespace puente::test
