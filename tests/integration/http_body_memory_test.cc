// Large uploads and downloads pass through without being held: the memory of the real binary.
#include "tests/integration/binary_under_test.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"

namespace puente::test {
namespace {

#ifdef PUENTE_SANITIZED
constexpr bool kMeasuresMemory = false;  // a sanitizer keeps what is freed, or shadows of it
#else
constexpr bool kMeasuresMemory = true;
#endif

constexpr std::size_t kPiece = 256 << 10;
constexpr std::size_t kPieces = (50 << 20) / kPiece;
// What gRPC's windows and buffers may take, and far less than what passes through.
constexpr std::size_t kMargin = 24 << 20;

class LargeBodies : public testing::Test {
 protected:
  LargeBodies() {
    piece_.set_content_type("application/octet-stream");
    piece_.set_data(std::string(kPiece, 'x'));
    upstream_.OnStream("/streams.v1.Files/Store",
                       [](UpstreamStream& stream) { return CountAll(stream); });
    upstream_.OnStream("/streams.v1.Files/Fetch", [this](UpstreamStream& stream) {
      const bool warm_up = FindMetadata(stream.metadata(), "x-warm-up").has_value();
      for (std::size_t i = 0; i < (warm_up ? 4 : kPieces); ++i) stream.Write(piece_);
      return grpc::Status::OK;
    });
    port_ = binary_.WaitForPort("listener rest serves HTTP on 127.0.0.1:");
  }

  void Upload(std::size_t pieces) {
    HttpClient client = HttpClient::Connect(port_);
    client.Send("POST", "/v1/files", {{"Transfer-Encoding", "chunked"}});
    for (std::size_t i = 0; i < pieces; ++i) client.SendChunk(piece_.data());
    client.SendChunk("");
    const HttpResponse response = client.ReadResponse();
    EXPECT_EQ(response.status, 200) << response.body;
  }

  void Download(std::size_t pieces, const HeaderList& headers) {
    HttpClient client = HttpClient::Connect(port_);
    client.Send("GET", "/v1/rooms/r/file", headers);
    EXPECT_EQ(client.ReadHead().status, 200);
    std::size_t received = 0;
    while (const auto chunk = client.ReadChunk()) received += chunk->size();
    EXPECT_EQ(received, pieces * kPiece);
  }

  google::api::HttpBody piece_;
  FakeUpstream upstream_;
  TempDir dir_;
  BinaryUnderTest binary_{
      {"run", "--config", dir_.Write("puente.yaml", StreamsConfig(upstream_.target()))}};
  std::uint16_t port_ = 0;
};

TEST_F(LargeBodies, OfFiftyMebibytesPassInBoundedMemory) {
  ASSERT_NE(port_, 0) << binary_.Errors();
  Upload(4);
  Download(4, {{"X-Warm-Up", "1"}});
  const std::size_t before = binary_.PeakMemory();
  Upload(kPieces);
  const std::size_t after_upload = binary_.PeakMemory();
  Download(kPieces, {});
  const std::size_t after_download = binary_.PeakMemory();
  RecordProperty("upload_growth_kib", std::to_string((after_upload - before) >> 10));
  RecordProperty("download_growth_kib", std::to_string((after_download - after_upload) >> 10));
  ASSERT_GT(before, 0u);
  if (!kMeasuresMemory) return;
  EXPECT_LT(after_upload, before + kMargin);
  EXPECT_LT(after_download, after_upload + kMargin);
}

}  // namespace
}  // namespace puente::test
