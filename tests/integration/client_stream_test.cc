// Rule 5: the messages of a client's stream, from a body that is still arriving.
#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"
#include "tests/support/gzip_text.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kJson[] = "application/json";
constexpr char kNdjson[] = "application/x-ndjson";

std::string Head(const std::string& path, const std::string& type, const std::string& framing) {
  const std::string content_type = type.empty() ? "" : "Content-Type: " + type + "\r\n";
  return "POST " + path + " HTTP/1.1\r\nHost: a\r\n" + content_type + framing + "\r\n\r\n";
}

std::string Length(const std::string& body) {
  return "Content-Length: " + std::to_string(body.size());
}

constexpr char kChunked[] = "Transfer-Encoding: chunked";

// How a body comes over the wire.
struct Transport {
  std::string name;
  bool chunked;
  std::size_t piece;
};

const Transport kTransports[] = {
    {"length, at once", false, 1 << 20},
    {"length, byte by byte", false, 1},
    {"chunked, at once", true, 1 << 20},
    {"chunked, byte by byte", true, 1},
};

class ClientStream : public testing::Test {
 protected:
  ClientStream() { api_.upstream.OnStream(kSendNotes, CountAll); }

  HttpResponse Send(const Transport& transport, const std::string& type, const std::string& body) {
    HttpClient client = api_.proxy.Connect();
    client.SendRaw(Head(kSendPath, type, transport.chunked ? kChunked : Length(body)));
    for (std::size_t at = 0; at < body.size(); at += transport.piece) {
      const std::string piece = body.substr(at, transport.piece);
      if (transport.chunked) {
        client.SendChunk(piece);
      } else {
        client.SendRaw(piece);
      }
    }
    if (transport.chunked) client.SendChunk("");
    return client.ReadResponse("POST");
  }

  // The texts of the messages of the last call, which must all be of the room "r".
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const auto& note : api_.Requests(api_.upstream.CallCount() - 1)) {
      EXPECT_EQ(note.room(), "r");
      texts.push_back(note.text());
    }
    return texts;
  }

  StreamsProxy api_;
};

struct Body {
  std::string name;
  std::string type;
  std::string body;
  std::vector<std::string> texts = {"a", "b"};
};

const Body kBodies[] = {
    {"array", kJson, R"([{"text":"a"},{"text":"b"}])"},
    {"array with white space", kJson, " [ {\"text\" : \"a\"}\r\n,\t{\"text\":\"b\"} ]\n"},
    {"array without a media type", "", R"([{"text":"a"},{"text":"b"}])"},
    {"array of another JSON type", "application/vnd.a+json; charset=utf-8",
     R"([{"text":"a"},{"text":"b"}])"},
    {"array of brackets in strings",
     kJson,
     R"([{"text":"]},{\""},{"text":"[{"}])",
     {"]},{\"", "[{"}},
    {"one object", kJson, R"({"text":"a"})", {"a"}},
    {"JSON texts", kJson, "{\"text\":\"a\"}\n{\"text\":\"b\"}"},
    {"lines", kNdjson, "{\"text\":\"a\"}\n{\"text\":\"b\"}\n"},
    {"lines by the other name", "application/jsonl", "{\"text\":\"a\"}\n{\"text\":\"b\"}"},
    {"lines with CRLF and empty ones", kNdjson, "\r\n{\"text\":\"a\"}\r\n\n {\"text\":\"b\"} \r\n"},
    {"empty messages", kJson, "[{},{}]", {"", ""}},
    {"empty array", kJson, "[]", {}},
    {"empty body", kJson, "", {}},
    {"empty lines", kNdjson, "\n\n", {}},
    {"white space", kJson, " \n", {}},
};

TEST_F(ClientStream, IsTheElementsOrLinesOfTheBody) {
  for (const Body& body : kBodies) {
    for (const Transport& transport : kTransports) {
      SCOPED_TRACE(body.name + ", " + transport.name);
      EXPECT_EQ(Send(transport, body.type, body.body).status, 200);
      EXPECT_EQ(Texts(), body.texts);
    }
  }
}

TEST_F(ClientStream, IsSentMessageByMessageWhileTheBodyArrives) {
  const std::pair<std::string, std::vector<std::string>> bodies[] = {
      {kJson, {R"([{"text":"a"})", R"(,{"text":"b"})", R"(,{"text":"c"})", "]"}},
      {kJson, {"{\"text\":\"a\"}\n", "{\"text\":\"b\"}\n", "{\"text\":\"c\"}\n", " "}},
      {kNdjson, {"{\"text\":\"a\"}\n", "{\"text\":\"b\"}\n", "{\"text\":\"c\"}\n", " "}},
  };
  for (const auto& [type, pieces] : bodies) {
    for (const bool chunked : {true, false}) {
      SCOPED_TRACE(pieces.front() + (chunked ? " chunked" : " with a length"));
      const std::size_t call = api_.upstream.CallCount();
      std::string body;
      for (const std::string& piece : pieces) body += piece;
      HttpClient client = api_.proxy.Connect();
      client.SendRaw(Head(kSendPath, type, chunked ? kChunked : Length(body)));
      for (std::size_t i = 0; i < pieces.size(); ++i) {
        chunked ? client.SendChunk(pieces[i]) : client.SendRaw(pieces[i]);
        ASSERT_TRUE(api_.WaitForRequests(std::min<std::size_t>(i + 1, 3), call));
        const bool body_is_complete = !chunked && i + 1 == pieces.size();
        EXPECT_TRUE(body_is_complete || !client.HasInput(0ms));
      }
      if (chunked) client.SendChunk("");
      EXPECT_EQ(client.ReadResponse("POST").status, 200);
      EXPECT_THAT(Texts(), ElementsAre("a", "b", "c"));
    }
  }
}

// Rule 1: the path wins over the body, also in every message of a stream.
TEST_F(ClientStream, HasWhatThePathBindsInEveryMessage) {
  ASSERT_EQ(api_.proxy.Post(kSendPath, R"([{"room":"x","text":"a"},{"text":"b"}])").status, 200);
  EXPECT_THAT(Texts(), ElementsAre("a", "b"));
}

TEST_F(ClientStream, HasWhatTheQueryBindsInEveryMessage) {
  const std::string path = "/v1/rooms/r%20s/items:send?author=x&tags=t&tags=u";
  ASSERT_EQ(api_.proxy.Post(path, R"([{"name":"i"},{"count":2}])").status, 200);
  const auto notes = api_.Requests();
  ASSERT_THAT(notes, SizeIs(2));
  for (const auto& note : notes) {
    EXPECT_EQ(note.room(), "r s");
    EXPECT_EQ(note.author(), "x");
    EXPECT_THAT(note.tags(), ElementsAre("t", "u"));
  }
  EXPECT_EQ(notes[0].item().name(), "i");
  EXPECT_EQ(notes[1].item().count(), 2);
}

TEST_F(ClientStream, RefusesAQueryThatBindsNothingBeforeAnyCall) {
  EXPECT_THAT(api_.proxy.Post(std::string(kSendPath) + "?author=x", "[]"), IsError(400, 3));
  EXPECT_EQ(api_.upstream.CallCount(), 0u);
}

TEST_F(ClientStream, FillsARepeatedFieldInEachMessage) {
  ASSERT_EQ(api_.proxy.Post("/v1/rooms/r/tags:send", R"([["a","b"],[],["c"]])").status, 200);
  const auto notes = api_.Requests();
  ASSERT_THAT(notes, SizeIs(3));
  EXPECT_THAT(notes[0].tags(), ElementsAre("a", "b"));
  EXPECT_THAT(notes[1].tags(), IsEmpty());
  EXPECT_THAT(notes[2].tags(), ElementsAre("c"));
}

TEST_F(ClientStream, WithoutABodyRuleIsOneMessage) {
  for (const std::string body : {"", R"([{"text":"a"},{"text":"b"}])"}) {
    const std::string path = "/v1/rooms/r/notes:sendOne?text=q&item.name=i";
    ASSERT_EQ(api_.proxy.Post(path, body).status, 200);
    EXPECT_THAT(Texts(), ElementsAre("q"));
  }
}

TEST_F(ClientStream, IsAnsweredWithHeadersFromTheMetadata) {
  api_.upstream.OnStream(kSendNotes, [](UpstreamStream& stream) {
    stream.SendInitialMetadata({{"x-tag", "t"}});
    stream.AddTrailingMetadata("x-late", "l");
    stream.AddTrailingMetadata("x-http-code", "201");
    return CountAll(stream);
  });
  const HttpResponse response = api_.proxy.Post(kSendPath, "[{},{}]");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.Header("x-tag"), "t");
  EXPECT_EQ(response.Header("x-late"), "l");
  EXPECT_EQ(response.body, R"({"messages":2,"bytes":"6"})");
}

TEST_F(ClientStream, LeavesTheConnectionToTheNextRequest) {
  api_.upstream.OnUnary(kEditNote, UnaryReply::Message(NoteOf("next")));
  HttpClient client = api_.proxy.Connect();
  for (const std::string framing : {kChunked, "Content-Length: 7"}) {
    const std::string body = framing == kChunked ? "7\r\n[{},{}]\r\n0\r\n\r\n" : "[{},{}]";
    client.SendRaw(Head(kSendPath, kJson, framing) + body + Head(kEditPath, "", Length("")));
    EXPECT_THAT(client.ReadResponse("POST"), IsJson(R"({"messages":2,"bytes":"6"})"));
    EXPECT_THAT(client.ReadResponse("POST"), IsJson(R"({"text":"next"})"));
  }
}

TEST_F(ClientStream, AsksForItsBodyWhenTheClientWaitsForThat) {
  HttpClient client = api_.proxy.Connect();
  client.SendRaw(Head(kSendPath, kJson, std::string("Expect: 100-continue\r\n") + kChunked));
  EXPECT_EQ(client.PeekStatus(), 100);
  client.SendChunk(R"([{"text":"a"})");
  ASSERT_TRUE(api_.WaitForRequests(1));
  client.SendChunk("]");
  client.SendChunk("");
  const HttpResponse response = client.ReadResponse("POST");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.interim, IsEmpty());
}

TEST_F(ClientStream, MayBePackedWithGzip) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += R"({"text":"note )" + std::to_string(i) + "\"}\n";
  const std::string packed = Gzip(body);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, packed.size()}) {
    HttpClient client = api_.proxy.Connect();
    client.SendRaw(Head(kSendPath, kNdjson, "Content-Encoding: gzip\r\n" + Length(packed)));
    for (std::size_t at = 0; at < packed.size(); at += piece) {
      client.SendRaw(packed.substr(at, piece));
    }
    EXPECT_EQ(client.ReadResponse("POST").status, 200);
    const auto texts = Texts();
    ASSERT_THAT(texts, SizeIs(1000));
    EXPECT_EQ(texts.back(), "note 999");
  }
}

// The limit is for what must be held at once: a message.
TEST(ClientStreamLimit, IsForEachMessageNotForTheBody) {
  StreamsProxy api("limits: {max_request_body_bytes: 1000}");
  api.upstream.OnStream(kSendNotes, CountAll);
  const std::string note = R"({"text":")" + std::string(900, 'x') + "\"}";
  std::string body = "[" + note;
  for (int i = 1; i < 100; ++i) body += "," + note;
  EXPECT_EQ(api.proxy.Post(kSendPath, body + "]").status, 200);
  EXPECT_THAT(api.Requests(0), SizeIs(100));
  const std::string large = R"({"text":")" + std::string(1000, 'x') + "\"}";
  const HttpResponse response = api.proxy.Post(kSendPath, "[{}," + large + ",{}]");
  EXPECT_THAT(response, IsError(413, 8));
  EXPECT_THAT(response.body, testing::HasSubstr("message 2"));
  EXPECT_TRUE(api.upstream.WaitForCancelled(1));
}

}  // namespace
}  // namespace puente::test
