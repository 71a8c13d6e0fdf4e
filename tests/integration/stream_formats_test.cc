// Rule 4: a server stream in each format that Accept may ask for.
#include <ostream>

#include "tests/integration/example_calls.h"
#include "tests/integration/streams_proxy.h"
#include "tests/support/gzip_text.h"

namespace puente::test {
namespace {

using grpc::Status;
using grpc::StatusCode;
using testing::HasSubstr;
using testing::Optional;

struct Format {
  std::string name;
  std::string accept;
  std::string content_type;
  // What stands around each message, the first and the later ones, and behind the last.
  std::string first, next, behind;
  std::string end, empty;
  // How a stream ends with {"code":5,"message":"none"}; "": it is cut.
  std::string failure;
};

void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

const Format kFormats[] = {
    {"Array", "application/json", "application/json", "[", ",", "", "]", "[]", ""},
    {"Ndjson", "application/x-ndjson", "application/x-ndjson", "", "", "\n", "", "",
     "{\"error\":{\"code\":5,\"message\":\"none\"}}\n"},
    {"Jsonl", "application/jsonl", "application/jsonl", "", "", "\n", "", "",
     "{\"error\":{\"code\":5,\"message\":\"none\"}}\n"},
    {"ServerSentEvents", "text/event-stream", "text/event-stream", "data: ", "data: ", "\n\n", "",
     "", "event: error\ndata: {\"code\":5,\"message\":\"none\"}\n\n"},
};

Status WriteNotes(UpstreamStream& stream, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) stream.Write(NoteOf(text));
  return Status::OK;
}

Status NotFound() { return {StatusCode::NOT_FOUND, "none"}; }

class StreamFormats : public testing::TestWithParam<std::tuple<Format, bool>> {
 protected:
  const Format& format() const { return std::get<0>(GetParam()); }
  bool gzip() const { return std::get<1>(GetParam()); }
  HeaderList Headers() const {
    HeaderList headers = {{"Accept", format().accept}};
    if (gzip()) headers.emplace_back("Accept-Encoding", "gzip");
    return headers;
  }
  std::string Framed(const std::string& begin, const std::string& text) const {
    return begin + R"({"text":")" + text + R"("})" + format().behind;
  }

  void ExpectHead(const HttpResponse& head) {
    EXPECT_EQ(head.status, 200);
    EXPECT_THAT(head.Header("Content-Type"), Optional(format().content_type));
    EXPECT_THAT(head.Header("Vary"), Optional(std::string("Accept, Accept-Encoding")));
    EXPECT_EQ(head.Header("Content-Encoding"), gzip() ? std::optional("gzip") : std::nullopt);
  }
  // What a client has of the body once `chunk` is there.
  std::string Plain(const std::string& chunk) { return gzip() ? gunzip_.Feed(chunk) : chunk; }
  void ExpectBody(const HttpResponse& response, const std::string& body, bool complete = true) {
    EXPECT_EQ(Plain(response.body), body);
    EXPECT_EQ(response.complete, complete);
    EXPECT_EQ(gunzip_.complete(), gzip() && complete);
  }

  Turns turns_;
  StreamsProxy api_;
  Gunzip gunzip_;
};

TEST_P(StreamFormats, EachMessageIsOnTheWireBeforeTheNextIsProduced) {
  api_.upstream.OnStream(kWatchNotes, [this](UpstreamStream& stream) {
    for (const char* text : {"a", "b", "c"}) {
      stream.Write(NoteOf(text));
      if (!turns_.Take()) return Status(StatusCode::ABORTED, "the message has not been read");
    }
    return Status::OK;
  });
  HttpClient client = api_.proxy.Connect();
  client.Send("GET", kWatchPath, Headers());
  HttpResponse response = client.ReadHead();
  ExpectHead(response);
  std::string begin = format().first;
  for (const char* text : {"a", "b", "c"}) {
    EXPECT_EQ(Plain(client.ReadChunk().value()), Framed(begin, text));
    turns_.Give();
    begin = format().next;
  }
  client.ReadBody(response);
  ExpectBody(response, format().end);
  api_.upstream.OnUnary(kEditNote, UnaryReply::Message(NoteOf("next")));
  EXPECT_THAT(client.Post(kEditPath, "{}"), IsJson(R"({"text":"next"})"));
}

TEST_P(StreamFormats, StreamWithoutMessagesIsComplete) {
  api_.upstream.OnStream(kWatchNotes, [](UpstreamStream&) { return Status::OK; });
  const HttpResponse response = api_.proxy.Get(kWatchPath, Headers());
  ExpectHead(response);
  ExpectBody(response, format().empty);
}

TEST_P(StreamFormats, ErrorBeforeTheFirstMessageHasItsOwnStatus) {
  api_.upstream.OnStream(kWatchNotes, [](UpstreamStream&) { return NotFound(); });
  HttpClient client = api_.proxy.Connect();
  for (int i = 0; i < 2; ++i) EXPECT_THAT(client.Get(kWatchPath, Headers()), IsError(404, 5));
}

TEST_P(StreamFormats, ErrorAfterAMessageIsToldWhereTheFormatHasAPlaceForIt) {
  api_.upstream.OnStream(kWatchNotes, [this](UpstreamStream& stream) {
    stream.Write(NoteOf("a"));
    turns_.Take();
    return NotFound();
  });
  HttpClient client = api_.proxy.Connect();
  client.Send("GET", kWatchPath, Headers());
  HttpResponse response = client.ReadHead();
  EXPECT_EQ(Plain(client.ReadChunk().value()), Framed(format().first, "a"));
  turns_.Give();
  client.ReadBody(response);
  ExpectBody(response, format().failure, !format().failure.empty());
}

// Design section 4, rule 2: HEAD is derived from GET.
TEST_P(StreamFormats, HeadHasTheSameHeadAndEndsTheCall) {
  api_.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
    WriteNotes(stream, {"a", "b"});
    stream.WaitCancelled();
    return Status::OK;
  });
  HttpClient client = api_.proxy.Connect();
  const HttpResponse response = client.Request("HEAD", kWatchPath, Headers());
  ExpectHead(response);
  EXPECT_TRUE(api_.upstream.WaitForCancelled(1));
  api_.upstream.OnUnary(kEditNote, UnaryReply::Message(NoteOf("next")));
  EXPECT_THAT(client.Post(kEditPath, "{}"), IsJson(R"({"text":"next"})"));
}

TEST_P(StreamFormats, HeadOfAStreamThatFailsHasItsStatus) {
  api_.upstream.OnStream(kWatchNotes, [](UpstreamStream&) { return NotFound(); });
  EXPECT_EQ(api_.proxy.Connect().Request("HEAD", kWatchPath, Headers()).status, 404);
}

INSTANTIATE_TEST_SUITE_P(, StreamFormats,
                         testing::Combine(testing::ValuesIn(kFormats), testing::Bool()),
                         [](const auto& info) {
                           return std::get<0>(info.param).name +
                                  (std::get<1>(info.param) ? "InGzip" : "");
                         });

class ChosenFormat : public testing::Test {
 protected:
  // The answer to GET with this Accept.
  HttpResponse Watch(const std::string& accept, const std::string& path = kWatchPath) {
    return api_.proxy.Get(path, {{"Accept", accept}});
  }

  StreamsProxy api_;
};

TEST_F(ChosenFormat, IsWhatTheClientLikesBest) {
  const std::pair<std::string, std::string> cases[] = {
      {"*/*", "application/json"},
      {"text/event-stream, */*", "application/json"},
      {"text/event-stream, */*;q=0.5", "text/event-stream"},
      {"application/ndjson", "application/x-ndjson"},
      {"application/json;q=0.5, application/x-ndjson", "application/x-ndjson"},
      {"text/event-stream, application/json", "application/json"},
      {"text/*", "text/event-stream"},
      {"image/png", "application/json"},
  };
  api_.upstream.OnStream(kWatchNotes,
                         [](UpstreamStream& stream) { return WriteNotes(stream, {"a"}); });
  for (const auto& [accept, type] : cases) {
    EXPECT_THAT(Watch(accept).Header("Content-Type"), Optional(type)) << accept;
  }
}

// Neither NDJSON nor an event may hold a line break.
TEST_F(ChosenFormat, KeepsEachMessageOnOneLine) {
  api_.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
    return WriteNotes(stream, {"a\nb\r\nc\"", "é \xf0\x9f\x98\x80 \xe2\x80\xa8"});
  });
  const std::string one = R"({"text":"a\nb\r\nc\""})";
  const std::string two = "{\"text\":\"é \xf0\x9f\x98\x80 \xe2\x80\xa8\"}";
  EXPECT_EQ(Watch("application/json").body, "[" + one + "," + two + "]");
  EXPECT_EQ(Watch("application/x-ndjson").body, one + "\n" + two + "\n");
  EXPECT_EQ(Watch("text/event-stream").body, "data: " + one + "\n\ndata: " + two + "\n\n");
}

// Rule 10: an unset field has its default.
TEST_F(ChosenFormat, HoldsTheFieldThatResponseBodyNames) {
  api_.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
    streams::v1::Note note = NoteOf("a");
    note.mutable_item()->set_count(3);
    note.add_tags("x");
    note.add_tags("y");
    stream.Write(note);
    stream.Write(streams::v1::Note());
    return Status::OK;
  });
  const std::string base = "/v1/rooms/r/";
  EXPECT_EQ(Watch("application/x-ndjson", base + "texts").body, "\"a\"\n\"\"\n");
  EXPECT_EQ(Watch("application/x-ndjson", base + "items").body, "{\"count\":3}\n{}\n");
  EXPECT_EQ(Watch("application/json", base + "tags").body, R"([["x","y"],[]])");
}

TEST_F(ChosenFormat, HasTheInitialMetadataAndTheCodeOfTheUpstream) {
  api_.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
    stream.SendInitialMetadata({{"x-tag", "t"}, {"x-http-code", "203"}});
    stream.AddTrailingMetadata("x-late", "l");
    return WriteNotes(stream, {"a"});
  });
  for (const Format& format : kFormats) {
    const HttpResponse response = Watch(format.accept);
    EXPECT_EQ(response.status, 203) << format.name;
    EXPECT_THAT(response.Header("x-tag"), Optional(std::string("t")));
    EXPECT_EQ(response.Header("x-late"), std::nullopt);
  }
}

TEST_F(ChosenFormat, IsOneObjectForAUnaryCall) {
  api_.upstream.OnUnary(kEditNote, UnaryReply::Message(NoteOf("a")));
  for (const Format& format : kFormats) {
    EXPECT_THAT(api_.proxy.Post(kEditPath, "{}", {{"Accept", format.accept}}),
                IsJson(R"({"text":"a"})"));
  }
}

TEST_F(ChosenFormat, OverHttp10LastsUntilTheConnectionCloses) {
  api_.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
    WriteNotes(stream, {"a"});
    return NotFound();
  });
  for (const Format& format : kFormats) {
    HttpClient client = api_.proxy.Connect();
    client.SendRaw("GET /v1/rooms/r/notes HTTP/1.0\r\nAccept: " + format.accept + "\r\n\r\n");
    EXPECT_EQ(client.ReadHead().Header("Transfer-Encoding"), std::nullopt);
    EXPECT_THAT(client.ReadUntilClosed(), testing::EndsWith(format.failure));
    EXPECT_EQ(client.was_reset(), format.failure.empty()) << format.name;
  }
}

TEST(ErrorInAStream, HasTheConfiguredFormat) {
  const std::pair<std::string, std::string> cases[] = {
      {"STATUS", R"({"code":5,"message":"none"})"},
      {"AIP193", R"({"code":404,"message":"none","status":"NOT_FOUND"})"},
      {"PROBLEM", R"({"type":"about:blank","title":"Not Found","status":404,"detail":"none",)"
                  R"("code":"NOT_FOUND"})"},
  };
  for (const auto& [name, error] : cases) {
    SCOPED_TRACE(name);
    StreamsProxy api("transcoding: {error_format: " + name + "}");
    api.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
      WriteNotes(stream, {"a"});
      return NotFound();
    });
    const HttpResponse lines = api.proxy.Get(kWatchPath, {{"Accept", "application/jsonl"}});
    EXPECT_EQ(lines.body, "{\"text\":\"a\"}\n{\"error\":" + error + "}\n");
    const HttpResponse events = api.proxy.Get(kWatchPath, {{"Accept", "text/event-stream"}});
    EXPECT_EQ(events.body, "data: {\"text\":\"a\"}\n\nevent: error\ndata: " + error + "\n\n");
  }
}

}  // namespace
}  // namespace puente::test
