// gzip: of requests, of answers by Accept-Encoding, and of gRPC messages from the upstream.
#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"
#include "tests/support/gzip_text.h"

namespace puente::test {
namespace {

using testing::Optional;

const std::string kText(1000, 'x');
const std::string kLongJson = "{\"text\":\"" + kText + "\"}";
constexpr char kConvert[] = "/streams.v1.Files/Convert";

class Compression : public testing::Test {
 protected:
  Compression() {
    api_.upstream.OnUnary(
        kEditNote, [](const UnaryRequest& request) { return UnaryReply{.bytes = request.bytes}; });
  }

  HttpResponse Edit(const std::string& body, const HeaderList& headers) {
    return api_.proxy.Post(kEditPath, body, headers);
  }
  // The answer to an HttpBody of this type, to a client that accepts gzip.
  HttpResponse Convert(const std::string& type) {
    google::api::HttpBody body;
    body.set_content_type(type);
    body.set_data(kText);
    api_.upstream.OnUnary(kConvert, UnaryReply::Message(body));
    return api_.proxy.Post("/v1/files:convert", "", {{"Accept-Encoding", "gzip"}});
  }

  StreamsProxy api_;
};

TEST_F(Compression, OfAnAnswerIsByAcceptEncoding) {
  const std::pair<std::string, bool> cases[] = {
      {"gzip", true},           {"GZIP", true},
      {"x-gzip", true},         {"*", true},
      {"br, gzip;q=0.1", true}, {"deflate, gzip;q=1.0, *;q=0.5", true},
      {"gzip, identity", true}, {"", false},
      {"identity", false},      {"br, deflate", false},
      {"gzip;q=0", false},      {"gzip;q=0.000, *", false},
      {"*;q=0", false},         {"gzip;q=0.5, identity;q=0.8", false},
      {"gzip;q=x", false},      {"gzipped", false},
  };
  const std::string answer = R"({"room":"r","text":")" + kText + "\"}";
  for (const auto& [accept, packed] : cases) {
    SCOPED_TRACE(accept);
    const HttpResponse response = Edit(kLongJson, {{"Accept-Encoding", accept}});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.Header("Vary"), "Accept-Encoding") << "caches must know in both cases";
    EXPECT_EQ(response.Header("Content-Encoding"), packed ? std::optional("gzip") : std::nullopt);
    EXPECT_EQ(response.Header("Content-Length"), std::to_string(response.body.size()));
    EXPECT_EQ(packed ? GunzipAll(response.body) : response.body, answer);
  }
  EXPECT_EQ(Edit(kLongJson, {}).Header("Content-Encoding"), std::nullopt);
}

TEST_F(Compression, OfASmallAnswerIsNotWorthIt) {
  const HttpResponse response = Edit(R"({"text":"a"})", {{"Accept-Encoding", "gzip"}});
  EXPECT_THAT(response, IsJson(R"({"room":"r","text":"a"})"));
  EXPECT_EQ(response.Header("Content-Encoding"), std::nullopt);
}

TEST_F(Compression, OfAnHttpBodyIsForTextOnly) {
  for (const char* type : {"text/plain", "text/csv; charset=utf-8", "application/json"}) {
    const HttpResponse response = Convert(type);
    EXPECT_THAT(response.Header("Content-Encoding"), Optional(std::string("gzip"))) << type;
    EXPECT_THAT(response.Header("Content-Type"), Optional(std::string(type)));
    EXPECT_EQ(GunzipAll(response.body), kText);
  }
  for (const char* type :
       {"image/png", "application/zip", "video/mp4", "application/octet-stream", ""}) {
    const HttpResponse response = Convert(type);
    EXPECT_EQ(response.Header("Content-Encoding"), std::nullopt) << type;
    EXPECT_EQ(response.body, kText);
  }
}

TEST_F(Compression, OfAnAnswerToHeadIsTheSameHead) {
  api_.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
    stream.Write(NoteOf("a"));
    return grpc::Status::OK;
  });
  const HeaderList gzip = {{"Accept-Encoding", "gzip"}};
  const HttpResponse head = api_.proxy.Connect().Request("HEAD", kWatchPath, gzip);
  EXPECT_EQ(head.Header("Content-Encoding"),
            api_.proxy.Get(kWatchPath, gzip).Header("Content-Encoding"));
}

TEST_F(Compression, OfARequestIsUndone) {
  const std::string expected = R"({"room":"r","text":")" + kText + "\"}";
  for (const std::string coding : {"gzip", "x-gzip", "GZip", "identity"}) {
    const std::string body = coding == "identity" ? kLongJson : Gzip(kLongJson);
    EXPECT_THAT(Edit(body, {{"Content-Encoding", coding}}), IsJson(expected)) << coding;
  }
  const std::string halves = Gzip(kLongJson.substr(0, 10)) + Gzip(kLongJson.substr(10));
  EXPECT_THAT(Edit(halves, {{"Content-Encoding", "gzip"}}), IsJson(expected));
}

TEST_F(Compression, OfAFormIsUndone) {
  EXPECT_THAT(Edit(Gzip("text=a+b"), {{"Content-Type", "application/x-www-form-urlencoded"},
                                      {"Content-Encoding", "gzip"}}),
              IsJson(R"({"room":"r","text":"a b"})"));
}

TEST_F(Compression, OfARequestThatIsBrokenIs400) {
  const std::string packed = Gzip(kLongJson);
  std::string damaged = packed;
  damaged[damaged.size() - 6] ^= 1;  // in its checksum
  const std::pair<std::string, std::string> cases[] = {
      {"no gzip", kLongJson},
      {"cut", packed.substr(0, packed.size() - 1)},
      {"cut in the header", packed.substr(0, 5)},
      {"damaged", damaged},
      {"more behind it", packed + "{}"},
  };
  for (const auto& [name, body] : cases) {
    EXPECT_THAT(Edit(body, {{"Content-Encoding", "gzip"}}), IsError(400, 3)) << name;
  }
  EXPECT_EQ(api_.upstream.CallCount(), 0u);
}

TEST_F(Compression, OfARequestThatIsNotKnownIs415AndNamesWhatIs) {
  for (const char* coding : {"br", "deflate", "zstd", "gzip, gzip", "gzip, br", "none"}) {
    const HttpResponse response = Edit("{}", {{"Content-Encoding", coding}});
    EXPECT_THAT(response, IsError(415, 3)) << coding;
    EXPECT_EQ(response.Header("Accept-Encoding"), "gzip");
  }
  EXPECT_THAT(Edit("{}", {{"Content-Encoding", "gzip"}, {"Content-Encoding", "gzip"}}),
              IsError(415, 3));
  EXPECT_EQ(api_.upstream.CallCount(), 0u);
}

TEST(CompressionLimit, IsForWhatComesOutOfARequest) {
  StreamsProxy api("limits: {max_request_body_bytes: 500000, max_expansion_ratio: 10}");
  api.upstream.OnUnary(kEditNote, UnaryReply{});
  const HeaderList gzip = {{"Content-Encoding", "gzip"}};
  const auto padded = [](std::size_t size) { return Gzip("{" + std::string(size, ' ') + "}"); };
  EXPECT_EQ(api.proxy.Post(kEditPath, padded(60000), gzip).status, 200) << "too small to hurt";
  EXPECT_THAT(api.proxy.Post(kEditPath, padded(400000), gzip), IsError(413, 8)) << "the ratio";
  StreamsProxy generous("limits: {max_request_body_bytes: 500000, max_expansion_ratio: 2000}");
  generous.upstream.OnUnary(kEditNote, UnaryReply{});
  EXPECT_EQ(generous.proxy.Post(kEditPath, padded(400000), gzip).status, 200);
  EXPECT_THAT(generous.proxy.Post(kEditPath, padded(600000), gzip), IsError(413, 8)) << "the size";
}

TEST(CompressionOfMessages, FromTheUpstreamIsUndone) {
  StreamsProxy api({}, {.compresses = true});
  api.upstream.OnUnary(kEditNote, UnaryReply::Message(NoteOf(kText)));
  api.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
    for (int i = 0; i < 3; ++i) stream.Write(NoteOf(kText));
    return grpc::Status::OK;
  });
  EXPECT_THAT(api.proxy.Post(kEditPath, "{}"), IsJson(kLongJson));
  EXPECT_THAT(api.proxy.Get(kWatchPath),
              IsJson("[" + kLongJson + "," + kLongJson + "," + kLongJson + "]"));
}

}  // namespace
}  // namespace puente::test
