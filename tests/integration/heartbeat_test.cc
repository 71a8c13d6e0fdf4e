// Rule 4: a quiet stream of server-sent events has a heartbeat, so that nobody on the way takes it
// for dead.
#include <chrono>

#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"
#include "tests/support/gzip_text.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kLong = 40s;

// Asks for notes as server-sent events.
struct EventStream {
  explicit EventStream(const StreamsProxy& api, const HeaderList& more = {},
                       const std::string& method = "GET")
      : client(api.proxy.Connect({.patience = kLong})) {
    HeaderList headers = {{"Accept", "text/event-stream"}};
    headers.insert(headers.end(), more.begin(), more.end());
    client.Send(method, kWatchPath, headers);
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
  EventStream begun(api, {{"X-Begin", "1"}});
  begun.client.ReadHead();
  EXPECT_EQ(begun.client.ReadChunk(), "data: {\"text\":\"a\"}\n\n");
  EventStream silent(api);
  EventStream packed(api, {{"Accept-Encoding", "gzip"}});
  EventStream head(api, {}, "HEAD");
  EventStream leaving(api);

  EXPECT_EQ(silent.client.ReadHead().status, 200) << "also before the first message";
  EXPECT_EQ(silent.client.ReadChunk(), ":\n\n");
  EXPECT_EQ(begun.client.ReadChunk(), ":\n\n");
  EXPECT_GT(steady_clock::now() - started, 14s);
  EXPECT_EQ(packed.client.ReadHead().Header("Content-Encoding"), "gzip");
  EXPECT_EQ(Gunzip().Feed(packed.client.ReadChunk().value()), ":\n\n");
  EXPECT_EQ(head.client.ReadResponse().status, 200);
  EXPECT_TRUE(api.upstream.WaitForCancelled(1)) << "HEAD needs nothing more";
  leaving.client.Close();
  EXPECT_TRUE(api.upstream.WaitForCancelled(2));

  for (std::size_t i = 0; i < api.upstream.CallCount(); ++i) turns.Give();
  for (EventStream* stream : {&begun, &silent}) {
    EXPECT_EQ(stream->client.ReadChunk(), "data: {\"text\":\"b\"}\n\n");
    EXPECT_EQ(stream->client.ReadChunk(), std::nullopt);
  }
}

}  // namespace
}  // namespace puente::test
