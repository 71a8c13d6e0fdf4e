// Bodies to and from an HTTP upstream, as fast as their reader takes them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

#include "tests/integration/migration_proxy.h"

namespace puente::test {
namespace {

constexpr std::string_view kEmptyOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

constexpr std::size_t kPiece = std::size_t{1} << 16;

class Gate {
 public:
  void Open() { open_ = true; }
  bool is_open() const { return open_; }

 private:
  std::atomic<bool> open_{false};
};

TEST(HttpStreamsTest, PiecesGoOnAsTheyComeBothWays) {
  ForwardingProxy under_test([](RawServer::Connection& client) {
    client.ReadHead();
    client.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 3; ++i) {
      const std::string size = client.ReadUntil("\r\n");
      client.Send(size + client.ReadUntil("\r\n"));
    }
    client.ReadUntil("0\r\n\r\n");
    client.Send("0\r\n\r\n");
    client.AwaitClose();
  });
  HttpClient client = under_test.proxy.Connect();
  client.Send("POST", "/echo", {{"Transfer-Encoding", "chunked"}});
  for (const char* piece : {"first", "other", "third"}) {
    client.SendChunk(piece);
    if (piece == std::string_view("first")) {
      EXPECT_EQ(client.ReadHead().status, 200);
    }
    EXPECT_EQ(client.ReadChunk(), piece);
  }
  client.SendChunk("");
  EXPECT_EQ(client.ReadChunk(), std::nullopt);
}

std::size_t ResidentBytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

#ifdef PUENTE_SANITIZED
constexpr bool kMeasuresMemory = false;  // a sanitizer keeps what is freed, or shadows of it
#else
constexpr bool kMeasuresMemory = true;
#endif

// More than all buffers of two connections can hold, and far more than the proxy may.
constexpr std::size_t kLargeBody = std::size_t{64} << 20;
constexpr std::size_t kMostMemory = std::size_t{16} << 20;
const ForwardingOptions kLargeBodies{
    .more = "limits: {max_request_body_bytes: 1073741824, max_response_body_bytes: 1073741824}\n"};

TEST(HttpStreamsTest, AnUpstreamThatDoesNotReadStallsTheClient) {
  Gate gate;
  std::atomic<std::size_t> received{0};
  ForwardingProxy under_test(
      [&](RawServer::Connection& client) {
        client.ReadHead();
        client.Await([&] { return gate.is_open(); });
        for (std::size_t left = kLargeBody; left > 0; left -= kPiece) {
          received += client.ReadExactly(kPiece).size();
        }
        client.Send(kEmptyOk);
        client.AwaitClose();
      },
      kLargeBodies);
  const std::size_t before = ResidentBytes();
  HttpClient client = under_test.proxy.Connect();
  std::atomic<std::size_t> sent{0};
  std::thread sender([&] {
    client.SendRaw(
        fmt::format("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", kLargeBody));
    const std::string piece(kPiece, 'x');
    while (sent < kLargeBody) {
      client.SendRaw(piece);
      sent += kPiece;
    }
  });
  EXPECT_TRUE(WaitUntil([&] { return sent > kPiece; }));
  EXPECT_TRUE(Settles(sent));
  EXPECT_LT(sent, kLargeBody / 2);
  if (kMeasuresMemory) {
    EXPECT_LT(ResidentBytes(), before + kMostMemory);
  }
  gate.Open();
  sender.join();
  EXPECT_EQ(client.ReadResponse("POST").status, 200);
  EXPECT_EQ(received, kLargeBody);
}

TEST(HttpStreamsTest, AClientThatDoesNotReadStallsTheUpstream) {
  std::atomic<std::size_t> sent{0};
  ForwardingProxy under_test(
      [&](RawServer::Connection& client) {
        client.ReadHead();
        client.Send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", kLargeBody));
        const std::string piece(kPiece, 'x');
        for (; sent < kLargeBody; sent += kPiece) client.Send(piece);
        client.AwaitClose();
      },
      kLargeBodies);
  const std::size_t before = ResidentBytes();
  HttpClient client = under_test.proxy.Connect({.receive_buffer_bytes = 65536});
  client.Send("GET", "/x");
  EXPECT_TRUE(WaitUntil([&] { return sent > kPiece; }));
  EXPECT_TRUE(Settles(sent));
  EXPECT_LT(sent, kLargeBody / 2);
  if (kMeasuresMemory) {
    EXPECT_LT(ResidentBytes(), before + kMostMemory);
  }
  const HttpResponse answer = client.ReadResponse();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body.size(), kLargeBody);
}

TEST(HttpStreamsTest, AnAnswerMayComeBeforeTheRequestIsComplete) {
  ForwardingProxy under_test([](RawServer::Connection& client) {
    client.ReadHead();
    client.Send("HTTP/1.1 413 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
  });
  HttpClient client = under_test.proxy.Connect();
  client.SendRaw("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegin");
  const HttpResponse answer = client.ReadResponse("POST");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, "no");
  EXPECT_EQ(answer.Header("connection"), "close");
}

TEST(HttpStreamsTest, AClientThatWaitsForLeaveToSendGetsIt) {
  RecordingProxy under_test;
  HttpClient client = under_test.proxy.Connect();
  client.Send("PUT", "/x", {{"Expect", "100-continue"}, {"Content-Length", "3"}});
  EXPECT_EQ(client.PeekStatus(), 100);
  client.SendRaw("abc");
  const HttpResponse answer = client.ReadResponse();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(under_test.upstream.Last().body, "abc");
  EXPECT_EQ(under_test.upstream.Last().Header("expect"), std::nullopt);
}

}  // namespace
}  // namespace puente::test
