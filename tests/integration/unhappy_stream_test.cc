// Streams whose upstream is away or silent, and clients of them that do not read.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;

// Takes connections and never says a word: gRPC waits for it to begin.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, plain, size) != 0 || ::listen(socket_, 16) != 0 ||
        ::getsockname(socket_, plain, &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    target_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentServer() { ::close(socket_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  const std::string& target() const { return target_; }

 private:
  const int socket_;
  std::string target_;
};

TEST(UnhappyStream, RouteTimeoutHoldsWhileTheUpstreamDoesNotBegin) {
  const SilentServer silent;
  const auto proxy =
      ProxyUnderTest::FromConfig(StreamsConfig(silent.target(), StreamsTimeout("0.3s")));
  const auto started = std::chrono::steady_clock::now();
  EXPECT_THAT(proxy.Get(kWatchPath), IsError(504, 4));
  EXPECT_THAT(proxy.Post(kSendPath, R"([{"text":"a"}])"), IsError(504, 4));
  EXPECT_LT(std::chrono::steady_clock::now() - started, 4s);
}

TEST(UnhappyStream, ClientThatLeavesBeforeTheUpstreamBeginsIsNoticed) {
  const SilentServer silent;
  const auto proxy = ProxyUnderTest::FromConfig(StreamsConfig(silent.target()));
  {
    HttpClient client = proxy.Connect();
    client.Send("GET", kWatchPath);
    ASSERT_TRUE(
        WaitUntil([&] { return proxy.Metric("grpc_active_connections{listener=\"rest\"}") == 1; }));
  }
  EXPECT_TRUE(WaitUntil(
      [&] { return proxy.Metric("grpc_active_connections{listener=\"rest\"}") == 0; }, 3s));
}

// The wish to go on and the end of the call meet: the answer must not wait for a body that the
// client may never send.
TEST(UnhappyStream, ErrorIsAnsweredAtOnceAlsoBehind100Continue) {
  StreamsProxy api;
  api.upstream.Stop();
  for (const char* path : {kSendPath, kTalkPath}) {
    for (int i = 0; i < 5; ++i) {
      HttpClient client = api.proxy.Connect();
      client.SendRaw(std::string("POST ") + path +
                     " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n");
      EXPECT_THAT(client.ReadResponse("POST"), IsError(503, 14)) << path;
    }
  }
}

// HTTP/1.0 knows the end of a body by the end of the connection only.
TEST(UnhappyStream, Http10ClientThatIsGivenUpSeesAReset) {
  StreamsProxy api("limits: {idle_timeout: 0.5s}");
  api.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
    while (stream.Write(NoteOf(std::string(65536, 'x')))) continue;
    return grpc::Status::OK;
  });
  HttpClient client = api.proxy.Connect({.receive_buffer_bytes = 4096});
  client.SendRaw(std::string("GET ") + kWatchPath + " HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(api.upstream.WaitForCancelled(1));
  EXPECT_FALSE(client.ReadUntilClosed().empty());
  EXPECT_TRUE(client.was_reset());
}

}  // namespace
}  // namespace puente::test
