// Rule 4: a quiet stream of server-sent events has a heartbeat, so that nobody on the way takes it
// for dead.
#include <chrono>

#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kLong = 40s;

struct QuietStream {
  explicit QuietStream(const StreamsProxy& api, const std::string& method = "GET")
      : client(api.proxy.Connect({.patience = kLong})) {
    client.Send(method, kWatchPath, {{"Accept", "text/event-stream"}});
  }
  HttpClient client;
};

// All streams of this test are quiet at the same time, since each beat takes 15 s.
TEST(Heartbeat, IsACommentOnAStreamThatIsQuietForFifteenSeconds) {
  Turns turns;
  StreamsProxy api;
  api.upstream.OnStream(kWatchNotes, [&](UpstreamStream& stream) {
    const bool begins = FindMetadata(stream.metadata(), "x-begin").has_value();
    if (begins) stream.Write(NoteOf("a"));
    if (!turns.Take(kLong)) return grpc::Status::OK;
    stream.Write(NoteOf("b"));
    return grpc::Status::OK;
  });
  const auto started = steady_clock::now();
  HttpClient begun = api.proxy.Connect({.patience = kLong});
  begun.Send("GET", kWatchPath, {{"Accept", "text/event-stream"}, {"X-Begin", "1"}});
  begun.ReadHead();
  EXPECT_EQ(begun.ReadChunk(), "data: {\"text\":\"a\"}\n\n");
  QuietStream silent(api);
  QuietStream head(api, "HEAD");
  QuietStream leaving(api);

  EXPECT_EQ(silent.client.ReadHead().status, 200) << "also before the first message";
  EXPECT_EQ(silent.client.ReadChunk(), ":\n\n");
  EXPECT_EQ(begun.ReadChunk(), ":\n\n");
  EXPECT_GT(steady_clock::now() - started, 14s);
  EXPECT_EQ(head.client.ReadResponse().status, 200);
  EXPECT_TRUE(api.upstream.WaitForCancelled(1)) << "HEAD needs nothing more";
  leaving.client.Close();
  EXPECT_TRUE(api.upstream.WaitForCancelled(2));

  for (int i = 0; i < 4; ++i) turns.Give();
  for (HttpClient* client : {&begun, &silent.client}) {
    EXPECT_EQ(client->ReadChunk(), "data: {\"text\":\"b\"}\n\n");
    EXPECT_EQ(client->ReadChunk(), std::nullopt);
  }
}

}  // namespace
}  // namespace puente::test
