// What many streams at once cost: the memory of the real binary.
#include "tests/integration/binary_under_test.h"
#include "tests/integration/streams_proxy.h"
#include "tests/support/gzip_text.h"
#include "tests/support/web_socket_client.h"

namespace puente::test {
namespace {

#ifdef PUENTE_SANITIZED
constexpr bool kMeasuresMemory = false;  // a sanitizer keeps what is freed, or shadows of it
#else
constexpr bool kMeasuresMemory = true;
#endif

constexpr std::size_t kStreams = 200;
constexpr char kOneEvent[] = "data: {\"text\":\"a\"}\n\n";

class ManyStreams : public testing::Test {
 protected:
  ManyStreams() {
    upstream_.OnStream(kWatchNotes, [](UpstreamStream& stream) {
      stream.Write(NoteOf("a"));
      stream.WaitCancelled(std::chrono::minutes(1));
      return grpc::Status::OK;
    });
    port_ = binary_.WaitForPort("listener rest serves HTTP on 127.0.0.1:");
    OpenEvents(20, {{"Accept-Encoding", "gzip"}});
  }

  // Streams that have begun, and are quiet.
  void OpenEvents(std::size_t count, const HeaderList& more) {
    HeaderList headers = {{"Accept", "text/event-stream"}};
    headers.insert(headers.end(), more.begin(), more.end());
    for (std::size_t i = 0; i < count; ++i) {
      HttpClient& client = events_.emplace_back(HttpClient::Connect(port_));
      client.Send("GET", kWatchPath, headers);
      client.ReadHead();
      const std::string first = client.ReadChunk().value_or("");
      EXPECT_EQ(more.empty() ? first : Gunzip().Feed(first), kOneEvent);
    }
  }

  void OpenSockets(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      sockets_.push_back(WebSocketClient::Connect(port_, kWatchPath));
      EXPECT_EQ(sockets_.back().ReadText(), R"({"text":"a"})");
    }
  }

  // By how much each of kStreams streams that `open` opens makes the process grow.
  template <class Open>
  std::size_t Cost(const char* name, Open open) {
    const std::size_t before = binary_.PeakMemory();
    open();
    const std::size_t cost = (binary_.PeakMemory() - before) / kStreams;
    RecordProperty(name, std::to_string(cost));
    return cost;
  }

  FakeUpstream upstream_;
  TempDir dir_;
  BinaryUnderTest binary_{
      {"run", "--config", dir_.Write("puente.yaml", StreamsConfig(upstream_.target()))}};
  std::uint16_t port_ = 0;
  std::vector<HttpClient> events_;
  std::vector<WebSocketClient> sockets_;
};

TEST_F(ManyStreams, TakeLittleMemoryEach) {
  const std::size_t plain = Cost("plain_bytes", [this] { OpenEvents(kStreams, {}); });
  const std::size_t packed = Cost("gzip_bytes", [this] {
    OpenEvents(kStreams, {{"Accept-Encoding", "gzip"}});
  });
  const std::size_t socket = Cost("web_socket_bytes", [this] { OpenSockets(kStreams); });
  if (!kMeasuresMemory) return;
  EXPECT_GT(plain, 0u);
  EXPECT_LT(plain, 96u << 10);
  EXPECT_LT(packed, 128u << 10);
  EXPECT_LT(socket, 96u << 10);
}

}  // namespace
}  // namespace puente::test
