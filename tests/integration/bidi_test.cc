// Rule 5: both directions at once over one HTTP/1.1 exchange.
#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using grpc::Status;
using grpc::StatusCode;
using testing::HasSubstr;
using testing::Optional;
using testing::StartsWith;

const HeaderList kLines = {{"Content-Type", "application/x-ndjson"},
                           {"Accept", "application/x-ndjson"},
                           {"Transfer-Encoding", "chunked"}};

std::string Line(const std::string& text) { return "{\"text\":\"" + text + "\"}\n"; }
std::string RoomLine(const std::string& text) {
  return "{\"room\":\"r\",\"text\":\"" + text + "\"}\n";
}

class Bidi : public testing::Test {
 protected:
  Bidi() { api_.upstream.OnStream(kTalk, EchoAll); }

  // A client that has sent "a" and read the answer to it.
  HttpClient Begin(const HeaderList& headers = kLines) {
    HttpClient client = api_.proxy.Connect();
    client.Send("POST", kTalkPath, headers);
    client.SendChunk(Line("a"));
    EXPECT_EQ(client.ReadHead().status, 200);
    EXPECT_EQ(client.ReadChunk(), RoomLine("a"));
    return client;
  }

  StreamsProxy api_;
};

struct Conversation {
  std::string accept;
  std::string content_type;
  std::vector<std::string> sent;
  std::vector<std::string> answers;
  std::string end;
};

const Conversation kConversations[] = {
    {"application/json",
     "application/json",
     {R"([{"text":"a"})", R"(,{"text":"b"})", "]"},
     {R"([{"room":"r","text":"a"})", R"(,{"room":"r","text":"b"})"},
     "]"},
    {"application/x-ndjson",
     "application/x-ndjson",
     {Line("a"), Line("b")},
     {RoomLine("a"), RoomLine("b")},
     ""},
    {"text/event-stream",
     "application/json",
     {Line("a"), Line("b")},
     {"data: {\"room\":\"r\",\"text\":\"a\"}\n\n", "data: {\"room\":\"r\",\"text\":\"b\"}\n\n"},
     ""},
};

TEST_F(Bidi, EachMessageIsAnsweredBeforeTheNextIsSent) {
  for (const Conversation& talk : kConversations) {
    SCOPED_TRACE(talk.accept);
    HttpClient client = api_.proxy.Connect();
    client.Send("POST", kTalkPath,
                {{"Content-Type", talk.content_type},
                 {"Accept", talk.accept},
                 {"Transfer-Encoding", "chunked"}});
    HttpResponse response;
    for (std::size_t i = 0; i < talk.answers.size(); ++i) {
      client.SendChunk(talk.sent[i]);
      if (i == 0) response = client.ReadHead();
      EXPECT_EQ(client.ReadChunk(), talk.answers[i]);
    }
    EXPECT_THAT(response.Header("Content-Type"), Optional(talk.accept));
    for (std::size_t i = talk.answers.size(); i < talk.sent.size(); ++i) {
      client.SendChunk(talk.sent[i]);
    }
    client.SendChunk("");
    client.ReadBody(response);
    EXPECT_EQ(response.body, talk.end);
    EXPECT_TRUE(response.complete);
  }
}

TEST_F(Bidi, IsInterleavedOverABodyWithALengthToo) {
  HttpClient client = api_.proxy.Connect();
  client.Send("POST", kTalkPath,
              {{"Content-Type", "application/x-ndjson"},
               {"Accept", "application/x-ndjson"},
               {"Content-Length", std::to_string(2 * Line("a").size())}});
  client.SendRaw(Line("a"));
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_EQ(client.ReadChunk(), RoomLine("a"));
  client.SendRaw(Line("b"));
  EXPECT_EQ(client.ReadChunk(), RoomLine("b"));
  EXPECT_EQ(client.ReadChunk(), std::nullopt);
  EXPECT_EQ(client.Post(kTalkPath, "[]").body, "[]") << "the connection is still usable";
}

TEST_F(Bidi, MapsOneFieldInBothDirections) {
  const HttpResponse response =
      api_.proxy.Post("/v1/rooms/r/items:talk?author=x", R"([{"name":"i"},{"count":2}])");
  EXPECT_THAT(response, IsJson(R"([{"name":"i"},{"count":2}])"));
  for (const auto& note : api_.Requests()) EXPECT_EQ(note.author(), "x");
}

TEST_F(Bidi, WithoutABodyRuleSendsOneMessage) {
  EXPECT_THAT(api_.proxy.Get("/v1/rooms/r/notes:listen?text=q"),
              IsJson(R"([{"room":"r","text":"q"}])"));
}

TEST_F(Bidi, EndOfTheBodyReachesTheUpstreamWhichMayGoOn) {
  api_.upstream.OnStream(kTalk, [](UpstreamStream& stream) {
    stream.Write(NoteOf("first"));
    while (stream.Read()) {
    }
    stream.Write(NoteOf("last"));
    return Status::OK;
  });
  HttpClient client = api_.proxy.Connect();
  client.Send("POST", kTalkPath, kLines);
  EXPECT_EQ(client.ReadHead().status, 200) << "the upstream may speak first";
  EXPECT_EQ(client.ReadChunk(), Line("first"));
  client.SendChunk(Line("a"));
  EXPECT_FALSE(client.HasInput(100ms));
  client.SendChunk("");
  EXPECT_EQ(client.ReadChunk(), Line("last"));
  EXPECT_EQ(client.ReadChunk(), std::nullopt);
}

TEST_F(Bidi, AsksForTheBodyOfAClientThatWaits) {
  HeaderList headers = kLines;
  headers.emplace_back("Expect", "100-continue");
  HttpClient client = api_.proxy.Connect();
  client.Send("POST", kTalkPath, headers);
  EXPECT_EQ(client.PeekStatus(), 100);
  client.SendChunk(Line("a"));
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_EQ(client.ReadChunk(), RoomLine("a"));
}

TEST_F(Bidi, BadFirstMessageIs400) {
  EXPECT_THAT(api_.proxy.Post(kTalkPath, R"([{"text":1}])"), IsError(400, 3));
  EXPECT_THAT(api_.proxy.Post(kTalkPath, "a=b", {{"Content-Type", "text/plain"}}), IsError(415, 3));
}

TEST_F(Bidi, BadMessageBehindAnAnswerIsToldInTheStream) {
  HttpClient client = Begin();
  client.SendChunk("secret\n");
  const auto last = client.ReadChunk();
  EXPECT_THAT(last, Optional(StartsWith(R"({"error":{"code":3,"message":"message 2: )")));
  EXPECT_THAT(last, Optional(testing::Not(HasSubstr("secret"))));
  EXPECT_EQ(client.ReadChunk(), std::nullopt);
  EXPECT_TRUE(api_.upstream.WaitForCancelled(1));
}

TEST_F(Bidi, BadMessageBehindAnAnswerCutsAnArray) {
  HttpClient client = api_.proxy.Connect();
  client.Send("POST", kTalkPath, {{"Transfer-Encoding", "chunked"}});
  client.SendChunk(R"([{"text":"a"})");
  client.ReadHead();
  EXPECT_EQ(client.ReadChunk(), R"([{"room":"r","text":"a"})");
  client.SendChunk(",]");
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_TRUE(api_.upstream.WaitForCancelled(1));
}

TEST_F(Bidi, UpstreamThatFailsOrEndsEarlyEndsTheAnswer) {
  const std::pair<Status, std::string> ends[] = {
      {Status::OK, ""},
      {Status(StatusCode::ABORTED, "enough"), R"({"error":{"code":10,"message":"enough"}})"
                                              "\n"}};
  for (const auto& [end, told] : ends) {
    api_.upstream.OnStream(kTalk, [end = end](UpstreamStream& stream) {
      stream.Write(stream.Read().value_or(""));
      stream.Read();
      return end;
    });
    HttpClient client = Begin();
    client.SendChunk(Line("b"));
    EXPECT_EQ(client.ReadChunk().value_or(""), told);
    if (!told.empty()) {
      EXPECT_EQ(client.ReadChunk(), std::nullopt);
    }
    EXPECT_EQ(client.ReadUntilClosed(), "");
    EXPECT_FALSE(client.was_reset());
  }
}

TEST_F(Bidi, UpstreamThatFailsBeforeAnAnswerHasItsStatus) {
  api_.upstream.OnStream(kTalk, [](UpstreamStream& stream) {
    stream.Read();
    return Status(StatusCode::NOT_FOUND, "none");
  });
  HttpClient client = api_.proxy.Connect();
  client.Send("POST", kTalkPath, kLines);
  client.SendChunk(Line("a"));
  EXPECT_THAT(client.ReadResponse(), IsError(404, 5));
}

TEST_F(Bidi, ClientThatLeavesCancelsTheCall) {
  std::size_t calls = 0;
  const auto leave = std::to_array<void (*)(HttpClient&)>(
      {[](HttpClient& client) { client.Close(); }, [](HttpClient& client) { client.Reset(); },
       [](HttpClient& client) { client.HalfClose(); }});
  for (const bool all_sent : {false, true}) {
    for (const auto& leave_one : leave) {
      api_.upstream.OnStream(kTalk, [](UpstreamStream& stream) {
        EchoAll(stream);
        stream.WaitCancelled();
        return Status::OK;
      });
      HttpClient client = Begin();
      if (all_sent) client.SendChunk("");
      leave_one(client);
      EXPECT_TRUE(api_.upstream.WaitForCancelled(++calls));
      EXPECT_TRUE(api_.WaitUntilIdle());
    }
  }
}

// A conversation may pause for as long as both sides like.
TEST(BidiTime, QuietClientAndUpstreamAreNotTimedOut) {
  StreamsProxy api("limits: {idle_timeout: 200ms}\n" + StreamsTimeout("200ms"));
  api.upstream.OnStream(kTalk, EchoAll);
  HttpClient client = api.proxy.Connect();
  client.Send("POST", kTalkPath, kLines);
  EXPECT_FALSE(client.HasInput(500ms));
  client.SendChunk(Line("a"));
  client.ReadHead();
  EXPECT_EQ(client.ReadChunk(), RoomLine("a"));
  EXPECT_FALSE(client.HasInput(500ms));
  client.SendChunk(Line("b"));
  EXPECT_EQ(client.ReadChunk(), RoomLine("b"));
}

}  // namespace
}  // namespace puente::test
