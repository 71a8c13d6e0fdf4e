// google.api.HttpBody: any bytes in their own media type, in both directions, whole and streamed
// (rules 4 to 6).
#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"
#include "tests/support/gzip_text.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using google::api::HttpBody;
using grpc::Status;
using grpc::StatusCode;
using streams::v1::Download;
using streams::v1::Upload;
using testing::Optional;

constexpr char kConvert[] = "/streams.v1.Files/Convert";
constexpr char kReplace[] = "/streams.v1.Files/Replace";
constexpr char kStore[] = "/streams.v1.Files/Store";
constexpr char kStoreIn[] = "/streams.v1.Files/StoreIn";
constexpr char kFetch[] = "/streams.v1.Files/Fetch";
constexpr char kFetchFrom[] = "/streams.v1.Files/FetchFrom";
constexpr char kMirror[] = "/streams.v1.Files/Mirror";

// Bytes of every value, in an order that does not repeat soon.
std::string Binary(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

HttpBody BodyOf(const std::string& type, const std::string& data) {
  HttpBody body;
  body.set_content_type(type);
  body.set_data(data);
  return body;
}

class HttpBodies : public testing::Test {
 protected:
  StreamsProxy api_;
};

TEST_F(HttpBodies, AreTheWholeBodyInBothDirections) {
  const std::string data = Binary(10000);
  for (const char* type : {"image/png", "application/json", "application/x-www-form-urlencoded",
                           "text/plain; charset=latin1", "application/x-ndjson"}) {
    SCOPED_TRACE(type);
    api_.upstream.OnUnary(kConvert, UnaryReply::Message(BodyOf("x/y", data)));
    const HttpResponse response =
        api_.proxy.Post("/v1/files:convert", data, {{"Content-Type", type}});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.Header("Content-Type"), "x/y");
    EXPECT_TRUE(response.body == data);
    const auto request = api_.Requests<HttpBody>(api_.upstream.CallCount() - 1).at(0);
    EXPECT_EQ(request.content_type(), type);
    EXPECT_TRUE(request.data() == data);
  }
}

TEST_F(HttpBodies, MayHaveNeitherTypeNorData) {
  api_.upstream.OnUnary(kConvert, UnaryReply::Message(HttpBody()));
  HttpClient client = api_.proxy.Connect();
  const HttpResponse response = client.Post("/v1/files:convert", "");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("Content-Type"), std::nullopt);
  EXPECT_EQ(response.Header("Content-Length"), "0");
  EXPECT_EQ(api_.upstream.Calls().at(0).requests, std::vector<std::string>{""});
}

TEST_F(HttpBodies, AreNestedBesideWhatPathAndQueryBind) {
  Download download;
  *download.mutable_file() = BodyOf("text/x-own", "]\r\n0\r\n\r\n");
  download.set_name("not told");
  api_.upstream.OnUnary(kReplace, UnaryReply::Message(download));
  const HttpResponse response =
      api_.proxy.Connect().Request("PUT", "/v1/folders/f/files/n?overwrite=true",
                                   {{"Content-Type", "image/gif"}}, std::string("GIF\0\xff", 5));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("Content-Type"), "text/x-own");
  EXPECT_EQ(response.body, "]\r\n0\r\n\r\n");
  const auto upload = api_.Requests<Upload>().at(0);
  EXPECT_EQ(upload.folder(), "f");
  EXPECT_EQ(upload.name(), "n");
  EXPECT_TRUE(upload.overwrite());
  EXPECT_EQ(upload.file().content_type(), "image/gif");
  EXPECT_EQ(upload.file().data(), std::string("GIF\0\xff", 5));
}

TEST_F(HttpBodies, ErrorsAreJsonAllTheSame) {
  api_.upstream.OnUnary(kConvert, UnaryReply{.status = {StatusCode::NOT_FOUND, "none"}});
  EXPECT_THAT(api_.proxy.Post("/v1/files:convert", "x", {{"Content-Type", "image/png"}}),
              IsError(404, 5));
}

TEST_F(HttpBodies, UploadIsSentInPiecesWithTheTypeOnTheFirst) {
  api_.upstream.OnStream(kStoreIn, CountAll);
  const std::string data = Binary(1 << 20);
  const std::string path = "/v1/folders/f/files/n?overwrite=true";
  for (const bool packed : {false, true}) {
    const std::size_t call = api_.upstream.CallCount();
    HeaderList headers = {{"Content-Type", "image/png"}};
    if (packed) headers.emplace_back("Content-Encoding", "gzip");
    ASSERT_EQ(api_.proxy.Post(path, packed ? Gzip(data) : data, headers).status, 200);
    std::string received;
    std::vector<std::string> types;
    for (const Upload& piece : api_.Requests<Upload>(call)) {
      EXPECT_EQ(piece.folder() + piece.name(), "fn");
      EXPECT_TRUE(piece.overwrite());
      EXPECT_LE(piece.file().data().size(), 65536u);
      EXPECT_GT(piece.file().data().size(), 0u);
      types.push_back(piece.file().content_type());
      received += piece.file().data();
    }
    std::vector<std::string> expected(types.size());
    expected.at(0) = "image/png";
    EXPECT_EQ(types, expected);
    EXPECT_TRUE(received == data);
  }
}

TEST_F(HttpBodies, UploadWhoseQueryIsBadMakesNoCall) {
  EXPECT_THAT(api_.proxy.Post("/v1/folders/f/files/n?overwrite=1", "x"), IsError(400, 3));
  EXPECT_EQ(api_.upstream.CallCount(), 0u);
}

TEST_F(HttpBodies, UploadIsSentWhileItArrives) {
  api_.upstream.OnStream(kStore, CountAll);
  HttpClient client = api_.proxy.Connect();
  client.Send("POST", "/v1/files",
              {{"Content-Type", "image/png"}, {"Transfer-Encoding", "chunked"}});
  std::size_t count = 0;
  for (const std::string piece : {"one", "]", "three"}) {
    client.SendChunk(piece);
    ASSERT_TRUE(api_.WaitForRequests(++count));
    EXPECT_EQ(api_.Requests<HttpBody>().back().data(), piece);
  }
  client.SendChunk("");
  EXPECT_EQ(client.ReadResponse().status, 200);
  EXPECT_EQ(api_.Requests<HttpBody>().size(), 3u);
}

TEST_F(HttpBodies, EmptyUploadIsNoMessage) {
  api_.upstream.OnStream(kStore, CountAll);
  EXPECT_THAT(api_.proxy.Post("/v1/files", "", {{"Content-Type", "image/png"}}), IsJson("{}"));
}

TEST_F(HttpBodies, UploadAboveTheLimitForOneMessageIsFine) {
  StreamsProxy api("limits: {max_request_body_bytes: 1000}");
  api.upstream.OnStream(kStore, CountAll);
  EXPECT_EQ(api.proxy.Post("/v1/files", Binary(100000)).status, 200);
}

// What the client asked for does not matter: the type is the upstream's.
TEST_F(HttpBodies, DownloadIsTheDataWithNothingBetweenThem) {
  api_.upstream.OnStream(kFetchFrom, [](UpstreamStream& stream) {
    for (const auto& body : {BodyOf("audio/wav", "RIFF"), BodyOf("", ""), BodyOf("text/plain", ","),
                             BodyOf("", std::string("\0]\xff", 3))}) {
      Download download;
      *download.mutable_file() = body;
      stream.Write(download);
    }
    return Status::OK;
  });
  for (const char* accept : {"*/*", "text/event-stream", "application/x-ndjson"}) {
    const HttpResponse response =
        api_.proxy.Get("/v1/rooms/r/download", {{"Accept", accept}, {"Accept-Encoding", "gzip"}});
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.Header("Content-Type"), Optional(std::string("audio/wav")));
    EXPECT_EQ(response.Header("Content-Encoding"), std::nullopt);
    EXPECT_EQ(response.body, std::string("RIFF,\0]\xff", 8));
    EXPECT_TRUE(response.complete);
  }
}

TEST_F(HttpBodies, EachPieceOfADownloadIsOnTheWireBeforeTheNextIsProduced) {
  Turns turns;
  api_.upstream.OnStream(kFetch, [&](UpstreamStream& stream) {
    for (const char* piece : {"a", "b"}) {
      stream.Write(BodyOf("text/plain", piece));
      if (!turns.Take()) return Status(StatusCode::ABORTED, "it has not been read");
    }
    return Status(StatusCode::DATA_LOSS, "broken");
  });
  HttpClient client = api_.proxy.Connect();
  client.Send("GET", "/v1/rooms/r/file");
  EXPECT_EQ(client.ReadHead().status, 200);
  for (const char* piece : {"a", "b"}) {
    EXPECT_EQ(client.ReadChunk(), piece);
    turns.Give();
  }
  EXPECT_EQ(client.ReadUntilClosed(), "") << "a download that fails is cut";
}

TEST_F(HttpBodies, DownloadThatFailsAtOnceHasItsStatus) {
  api_.upstream.OnStream(kFetch,
                         [](UpstreamStream&) { return Status(StatusCode::NOT_FOUND, "none"); });
  EXPECT_THAT(api_.proxy.Get("/v1/rooms/r/file"), IsError(404, 5));
}

TEST_F(HttpBodies, FlowInBothDirectionsAtOnce) {
  api_.upstream.OnStream(kMirror, EchoAll);
  HttpClient client = api_.proxy.Connect();
  client.Send("POST", "/v1/files:mirror",
              {{"Content-Type", "image/png"}, {"Transfer-Encoding", "chunked"}});
  client.SendChunk("one");
  EXPECT_THAT(client.ReadHead().Header("Content-Type"), Optional(std::string("image/png")));
  EXPECT_EQ(client.ReadChunk(), "one");
  client.SendChunk("two");
  EXPECT_EQ(client.ReadChunk(), "two");
  client.SendChunk("");
  EXPECT_EQ(client.ReadChunk(), std::nullopt);
}

}  // namespace
}  // namespace puente::test
