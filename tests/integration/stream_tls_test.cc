// Streams over TLS, where one connection is read and written at the same time.
#include <array>

#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"
#include "tests/support/certificates.h"

namespace puente::test {
namespace {

using grpc::Status;
using grpc::StatusCode;

const HeaderList kChunked = {{"Content-Type", "application/x-ndjson"},
                             {"Accept", "application/x-ndjson"},
                             {"Transfer-Encoding", "chunked"}};

class StreamTls : public testing::Test {
 protected:
  HttpClient Connect() { return proxy_.Connect({.tls = ClientTls{.ca = files_.ca}}); }

  TestCertificates files_;
  FakeUpstream upstream_;
  ProxyUnderTest proxy_ = ProxyUnderTest::FromConfig(
      StreamsConfig(upstream_.target(), {},
                    fmt::format("certificate: \"{}\", private_key: \"{}\"",
                                files_.server.certificate, files_.server.private_key)));
};

// More is under way in both directions than sockets hold, so that reads and writes overlap.
TEST_F(StreamTls, FlowInBothDirectionsAtOnce) {
  upstream_.OnStream("/streams.v1.Files/Mirror", EchoAll);
  HttpClient client = Connect();
  client.Send("POST", "/v1/files:mirror", {{"Transfer-Encoding", "chunked"}});
  constexpr std::size_t kPiece = 256 << 10;
  constexpr std::size_t kPieces = 40;
  std::size_t received = 0;
  client.SendChunk(std::string(kPiece, 'x'));
  EXPECT_EQ(client.ReadHead().status, 200);
  for (std::size_t sent = 1; sent < kPieces; ++sent) {
    client.SendChunk(std::string(kPiece, 'x'));
    while (received < sent * kPiece) received += client.ReadChunk().value().size();
  }
  client.SendChunk("");
  while (const auto chunk = client.ReadChunk()) received += chunk->size();
  EXPECT_EQ(received, kPieces * kPiece);
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(StreamTls, UpstreamThatEndsTheCallIsAnsweredAtOnce) {
  upstream_.OnStream(kSendNotes, [](UpstreamStream& stream) {
    stream.Read();
    return Status(StatusCode::PERMISSION_DENIED, "no more");
  });
  HttpClient client = Connect();
  client.Send("POST", kSendPath, kChunked);
  client.SendChunk("{}\n");
  EXPECT_THAT(client.ReadResponse(), IsError(403, 7));
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(StreamTls, ErrorBehindAnAnswerIsToldInTheStream) {
  upstream_.OnStream(kTalk, [](UpstreamStream& stream) {
    stream.Write(stream.Read().value_or(""));
    return Status(StatusCode::ABORTED, "enough");
  });
  HttpClient client = Connect();
  client.Send("POST", kTalkPath, kChunked);
  client.SendChunk("{}\n");
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_EQ(client.ReadChunk(), "{\"room\":\"r\"}\n");
  EXPECT_EQ(client.ReadChunk(), "{\"error\":{\"code\":10,\"message\":\"enough\"}}\n");
  EXPECT_EQ(client.ReadChunk(), std::nullopt);
}

TEST_F(StreamTls, ClientThatLeavesCancelsTheCall) {
  upstream_.OnStream(kTalk, EchoAll);
  std::size_t calls = 0;
  const auto leave = std::to_array<void (*)(HttpClient&)>(
      {[](HttpClient& client) { client.Close(); }, [](HttpClient& client) { client.Reset(); },
       [](HttpClient& client) { client.HalfClose(); }});
  for (const auto& leave_one : leave) {
    HttpClient client = Connect();
    client.Send("POST", kTalkPath, kChunked);
    client.SendChunk("{}\n");
    client.ReadHead();
    leave_one(client);
    EXPECT_TRUE(upstream_.WaitForCancelled(++calls));
  }
}

}  // namespace
}  // namespace puente::test
