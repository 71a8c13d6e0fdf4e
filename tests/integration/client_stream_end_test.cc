// Rule 5: how a client's stream ends before its time.
#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"
#include "tests/support/gzip_text.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using grpc::Status;
using grpc::StatusCode;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

const std::string kHead = std::string("POST ") + kSendPath +
                          " HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n";
const std::string kChunked = "Transfer-Encoding: chunked\r\n\r\n";
constexpr char kLine[] = "{\"text\":\"a\"}\n";

class ClientStreamEnd : public testing::Test {
 protected:
  ClientStreamEnd() { api_.upstream.OnStream(kSendNotes, CountAll); }

  // A client that has begun a stream, of which the upstream has the first message.
  HttpClient Begin(const StreamsProxy& api, const std::string& framing = kChunked) {
    const std::size_t call = api.upstream.CallCount();
    HttpClient client = api.proxy.Connect();
    client.SendRaw(kHead + framing);
    framing == kChunked ? client.SendChunk(kLine) : client.SendRaw(kLine);
    EXPECT_TRUE(api.WaitForRequests(1, call));
    return client;
  }

  StreamsProxy api_;
};

struct BadBody {
  std::string type;
  std::string body;
  std::string says;
};

const BadBody kBadBodies[] = {
    {"application/json", R"([{"text":"a"},{"text":secret},{"text":"c"}])", "message 2: "},
    {"application/json", R"([{"text":"a"},{"text":1},{"text":"c"}])", "message 2: text"},
    {"application/json", R"([{"text":"a"},{"other":"secret"},{"text":"c"}])", "message 2: "},
    {"application/json", R"([{"text":"a"},["secret"],{"text":"c"}])", "message 2: "},
    {"application/json", R"([{"text":"a"} {"text":"c"}])", "message 2: "},
    {"application/json", R"([{"text":"a"},,{"text":"c"}])", "message 2: "},
    {"application/json", R"([{"text":"a"},])", "message 2: "},
    {"application/json", R"([{"text":"a"}] {"text":"c"})", "message 2: "},
    {"application/json", R"([{"text":"a"})", "message 2: "},
    {"application/json", R"([{"text":"a"},{"text":"c)", "message 2: "},
    {"application/json", R"({"text":"a"} {"text":"c"})", "message 2: "},
    {"application/json", "[{\"text\":\"a\"},{\"text\":\"\xff\"},{\"text\":\"c\"}]", "message 2: "},
    {"application/x-ndjson", "{\"text\":\"a\"}\nsecret\n{\"text\":\"c\"}\n", "message 2: "},
    {"application/x-ndjson", "{\"text\":\"a\"}\n{\"text\":\n\"c\"}\n", "message 2: "},
};

// The call need not have begun.
TEST_F(ClientStreamEnd, BadFirstMessageIs400) {
  const HttpResponse response = api_.proxy.Post(kSendPath, "[{\"text\":\"c\"}]\n{\"text\":\"c\"}\n",
                                                {{"Content-Type", "application/x-ndjson"}});
  EXPECT_THAT(response, IsError(400, 3));
  EXPECT_THAT(response.body, HasSubstr("message 1: "));
  EXPECT_TRUE(api_.WaitUntilIdle());
}

// Rule 6: an error names where, and never repeats the value.
TEST_F(ClientStreamEnd, BadMessageIs400AndNothingBehindItIsSent) {
  std::size_t calls = 0;
  for (const BadBody& bad : kBadBodies) {
    SCOPED_TRACE(bad.body);
    const HttpResponse response =
        api_.proxy.Post(kSendPath, bad.body, {{"Content-Type", bad.type}});
    EXPECT_THAT(response, IsError(400, 3));
    EXPECT_THAT(response.body, HasSubstr(bad.says));
    EXPECT_THAT(response.body, Not(HasSubstr("secret")));
    ASSERT_TRUE(api_.upstream.WaitForCancelled(++calls));
    for (const auto& note : api_.Requests(calls - 1)) EXPECT_EQ(note.text(), "a");
  }
}

TEST_F(ClientStreamEnd, BodyOfAnotherTypeIs415AndNoCallIsMade) {
  for (const char* type :
       {"application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x",
        "application/octet-stream", "application/json; charset=latin1", "text/event-stream"}) {
    EXPECT_THAT(api_.proxy.Post(kSendPath, "[{}]", {{"Content-Type", type}}), IsError(415, 3))
        << type;
  }
  EXPECT_EQ(api_.upstream.CallCount(), 0u);
}

// Both the upstream's success and its failure are the answer, whatever the client still has to say.
TEST_F(ClientStreamEnd, UpstreamThatEndsTheCallIsAnsweredAtOnce) {
  const std::pair<StatusCode, int> ends[] = {{StatusCode::OK, 200},
                                             {StatusCode::PERMISSION_DENIED, 403}};
  for (const auto& [code, status] : ends) {
    api_.upstream.OnStream(kSendNotes, [code = code](UpstreamStream& stream) {
      stream.Read();
      stream.AddTrailingMetadata("x-late", "l");
      if (code == StatusCode::OK) stream.Write(streams::v1::Summary());
      return Status(code, "no more");
    });
    for (const std::string& framing : {kChunked, std::string("Content-Length: 10000000\r\n\r\n")}) {
      SCOPED_TRACE(framing + std::to_string(status));
      HttpClient client = Begin(api_, framing);
      const HttpResponse response = client.ReadResponse("POST");
      EXPECT_EQ(response.status, status);
      EXPECT_EQ(response.Header("x-late"), "l");
      EXPECT_EQ(response.Header("Connection"), "close");
      EXPECT_TRUE(response.complete);
      EXPECT_EQ(client.ReadUntilClosed(), "");
    }
  }
}

TEST_F(ClientStreamEnd, LittleThatIsLeftOfTheBodyIsReadForTheNextRequest) {
  api_.upstream.OnStream(kSendNotes, [](UpstreamStream& stream) {
    stream.Read();
    return Status(StatusCode::PERMISSION_DENIED, "no more");
  });
  HttpClient client = Begin(api_, "Content-Length: 2000\r\n\r\n");
  const HttpResponse response = client.ReadResponse("POST");
  EXPECT_THAT(response, IsError(403, 7));
  EXPECT_EQ(response.Header("Connection"), std::nullopt);
  client.SendRaw(std::string(2000 - std::string_view(kLine).size(), '\n'));
  EXPECT_EQ(client.Post(kSendPath, "[{}]").status, 403);
}

// What has come of the body is no credit for what is left of it.
TEST_F(ClientStreamEnd, LittleThatIsLeftOfALargeBodyIsNotWaitedForLong) {
  constexpr std::size_t kBytes = 4 << 20;
  api_.upstream.OnStream(kSendNotes, [](UpstreamStream& stream) {
    stream.Read();
    stream.Read();
    return Status(StatusCode::PERMISSION_DENIED, "no more");
  });
  HttpClient client = Begin(api_, fmt::format("Content-Length: {}\r\n\r\n", kBytes));
  client.SendRaw(std::string(kBytes - 2000, ' ') + "{}\n");
  EXPECT_EQ(client.ReadResponse("POST").status, 403);
  EXPECT_EQ(client.ReadUntilClosed(), "");
}

TEST_F(ClientStreamEnd, UpstreamThatNeverReadsIsNoReasonToRefuseTheClient) {
  api_.upstream.OnStream(kSendNotes, [](UpstreamStream& stream) {
    stream.Write(streams::v1::Summary());
    return Status::OK;
  });
  EXPECT_EQ(api_.proxy.Post(kSendPath, "[{},{}]").status, 200);
}

constexpr std::pair<const char*, void (*)(HttpClient&)> kDepartures[] = {
    {"closes", [](HttpClient& client) { client.Close(); }},
    {"resets", [](HttpClient& client) { client.Reset(); }},
    {"half-closes", [](HttpClient& client) { client.HalfClose(); }},
};

TEST_F(ClientStreamEnd, ClientThatLeavesCancelsTheCall) {
  std::size_t calls = 0;
  for (const auto& [name, leave] : kDepartures) {
    SCOPED_TRACE(name);
    HttpClient client = Begin(api_);
    leave(client);
    EXPECT_TRUE(api_.upstream.WaitForCancelled(++calls));
    EXPECT_TRUE(api_.WaitUntilIdle());
  }
}

// Of messages larger than its window gRPC takes one at most, so that the proxy is still sending.
TEST_F(ClientStreamEnd, ClientThatLeavesAnUpstreamThatDoesNotReadCancelsTheCall) {
  api_.upstream.OnStream(kSendNotes, [](UpstreamStream& stream) {
    stream.WaitCancelled(30s);
    return Status::OK;
  });
  const std::string line = R"({"text":")" + std::string(2 << 20, 'x') + "\"}\n";
  std::size_t calls = 0;
  for (const auto& [name, leave] : kDepartures) {
    SCOPED_TRACE(name);
    HttpClient client = api_.proxy.Connect();
    client.SendRaw(kHead + kChunked);
    for (int i = 0; i < 2; ++i) client.SendChunk(line);
    EXPECT_TRUE(api_.upstream.WaitForCalls(++calls));
    EXPECT_FALSE(api_.upstream.WaitForCancelled(calls, 200ms));
    leave(client);
    EXPECT_TRUE(api_.upstream.WaitForCancelled(calls));
    EXPECT_TRUE(api_.WaitUntilIdle());
  }
}

TEST(ClientStreamTime, ClientThatStopsSendingIs408) {
  StreamsProxy api("limits: {idle_timeout: 400ms}");
  api.upstream.OnStream(kSendNotes, CountAll);
  HttpClient client = api.proxy.Connect();
  client.SendRaw(kHead + kChunked);
  for (int i = 0; i < 4; ++i) {
    client.SendChunk(kLine);
    EXPECT_FALSE(client.HasInput(200ms)) << "each message is a new beginning";
  }
  EXPECT_THAT(client.ReadResponse("POST"), IsError(408, 4));
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_TRUE(api.upstream.WaitForCancelled(1));
}

// Rule 11: grpc-timeout holds for the whole call.
TEST(ClientStreamTime, DeadlineOfTheClientEndsTheUpload) {
  StreamsProxy api;
  api.upstream.OnStream(kSendNotes, CountAll);
  HttpClient client = api.proxy.Connect();
  client.SendRaw(kHead + "grpc-timeout: 300m\r\n" + kChunked);
  client.SendChunk(kLine);
  EXPECT_THAT(client.ReadResponse("POST"), IsError(504, 4));
  EXPECT_TRUE(api.upstream.WaitForCancelled(1));
}

TEST(ClientStreamTime, TimeoutOfTheRouteBeginsWithTheEndOfTheUpload) {
  StreamsProxy api(StreamsTimeout("300ms"));
  api.upstream.OnStream(kSendNotes, CountAll);
  HttpClient client = api.proxy.Connect();
  for (const bool answers : {true, false}) {
    if (!answers) {
      api.upstream.OnStream(kSendNotes, [](UpstreamStream& stream) {
        CountAll(stream);
        stream.WaitCancelled();
        return Status::OK;
      });
    }
    client.SendRaw(kHead + kChunked);
    client.SendChunk(kLine);
    EXPECT_FALSE(client.HasInput(600ms));
    client.SendChunk("");
    EXPECT_EQ(client.ReadResponse("POST").status, answers ? 200 : 504);
  }
  EXPECT_TRUE(api.upstream.WaitForCancelled(1));
}

TEST(ClientStreamGzip, ThatExpandsTooMuchOrIsBrokenEndsTheCall) {
  StreamsProxy api("limits: {max_expansion_ratio: 10}");
  api.upstream.OnStream(kSendNotes, CountAll);
  const std::string packed = Gzip(kLine);
  const std::tuple<std::string, std::string, int, int> cases[] = {
      {"a bomb", Gzip(std::string(10 << 20, ' ')), 413, 8},
      {"truncated", packed.substr(0, packed.size() - 1), 400, 3},
      {"not gzip", kLine, 400, 3},
      {"more behind it", packed + "x", 400, 3},
  };
  for (const auto& [name, body, status, code] : cases) {
    SCOPED_TRACE(name);
    EXPECT_THAT(
        api.proxy.Post(kSendPath, body,
                       {{"Content-Type", "application/x-ndjson"}, {"Content-Encoding", "gzip"}}),
        IsError(status, code));
    EXPECT_TRUE(api.WaitUntilIdle());
  }
}

}  // namespace
}  // namespace puente::test
