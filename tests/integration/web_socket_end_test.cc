// Rule 5: how a call over a WebSocket ends, and with which close code.
#include <optional>

#include "tests/integration/example_calls.h"
#include "tests/integration/web_socket_calls.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using grpc::Status;
using grpc::StatusCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class WebSocketEnd : public testing::Test {
 protected:
  WebSocketEnd() {
    for (const char* method : {kEditNote, kWatchNotes, kSendNotes, kTalk}) {
      api_.upstream.OnStream(method, [](UpstreamStream& stream) {
        while (stream.Read()) {
        }
        stream.WaitCancelled();
        return Status::OK;
      });
    }
  }

  // A socket whose call the upstream has.
  WebSocketClient Begin(const std::string& target, const HeaderList& headers = {}) {
    const std::size_t calls = api_.upstream.CallCount();
    WebSocketClient client = OpenSocket(api_, target, headers);
    EXPECT_TRUE(api_.upstream.WaitForCalls(calls + 1));
    return client;
  }

  double Count(const std::string& method, const std::string& status) const {
    return api_.proxy.Metric(
        fmt::format(R"(grpc_requests_total{{method="{}",service="streams.v1.Notes",)"
                    R"(status="{}",traffic="live",upstream="streams"}})",
                    method, status));
  }

  StreamsProxy api_;
};

TEST_F(WebSocketEnd, EveryStatusOfTheUpstreamHasItsCode) {
  for (int code = 1; code <= 16; ++code) {
    for (const char* target : {kEditPath, kWatchPath, kSendPath, kTalkPath}) {
      for (const char* method : {kEditNote, kWatchNotes, kSendNotes, kTalk}) {
        api_.upstream.OnStream(method, [code](UpstreamStream& stream) {
          stream.Read();
          return Status(static_cast<StatusCode>(code), "it is \u00e9" + std::to_string(code));
        });
      }
      SCOPED_TRACE(fmt::format("{} {}", target, code));
      WebSocketClient client = OpenSocket(api_, target);
      if (target != std::string(kWatchPath)) client.SendText("{}");
      EXPECT_THAT(client.FinishClose(),
                  ClosesWith(4000 + code, "it is \u00e9" + std::to_string(code)));
    }
  }
}

TEST_F(WebSocketEnd, FailureBehindAnAnswerComesBehindIt) {
  api_.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
    stream.Write(NoteOf("a"));
    return Status(StatusCode::ABORTED, "enough");
  });
  WebSocketClient client = OpenSocket(api_, kWatchPath);
  EXPECT_EQ(client.ReadText(), NoteText("a"));
  EXPECT_THAT(client.FinishClose(), ClosesWith(4010, "enough"));
}

// A method that answers once has answered when its call has ended well, and only once.
TEST_F(WebSocketEnd, AnswerOfAFailedCallIsNone) {
  const std::pair<FakeUpstream::StreamScript, CloseInfo> kScripts[] = {
      {[](UpstreamStream& stream) {
         stream.Write(NoteOf("a"));
         return Status(StatusCode::DATA_LOSS, "no");
       },
       {4015, "no"}},
      {[](UpstreamStream& stream) {
         stream.Write(NoteOf("a"));
         stream.Write(NoteOf("b"));
         return Status::OK;
       },
       {4013, "the upstream sent more than one message"}},
      {[](UpstreamStream&) { return Status::OK; }, {4013, "the upstream sent no message"}},
  };
  for (const auto& [script, end] : kScripts) {
    api_.upstream.OnStream(kEditNote, script);
    api_.upstream.OnStream(kSendNotes, script);
    for (const char* target : {kEditPath, kSendPath}) {
      WebSocketClient client = OpenSocket(api_, target);
      client.SendText("{}");
      EXPECT_EQ(client.FinishClose(), end) << target;
    }
  }
}

TEST_F(WebSocketEnd, LongReasonIsCutBetweenCharacters) {
  api_.upstream.OnStream(kTalk, [](UpstreamStream&) {
    return Status(StatusCode::INTERNAL, std::string(122, 'x') + "\u00e9 and more");
  });
  EXPECT_THAT(OpenSocket(api_, kTalkPath).FinishClose(), ClosesWith(4013, std::string(122, 'x')));
}

TEST_F(WebSocketEnd, EmptyFrameHalfClosesAndMoreOfThemAreHarmless) {
  Turns turns;
  api_.upstream.OnStream(kTalk, [&](UpstreamStream& stream) {
    while (stream.Read()) {
    }
    stream.Write(NoteOf("all read"));
    turns.Take();
    stream.Write(NoteOf("last"));
    return Status::OK;
  });
  WebSocketClient client = OpenSocket(api_, kTalkPath);
  client.SendText("{}");
  EXPECT_FALSE(client.HasInput(100ms));
  SendEnd(client);
  EXPECT_EQ(client.ReadText(), NoteText("all read"));
  SendEnd(client);
  SendEnd(client);
  turns.Give();
  EXPECT_EQ(client.ReadText(), NoteText("last"));
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
}

struct BadFrames {
  std::string target;
  std::vector<Frame> frames;
  int code;
  std::string reason;  // what it holds
};

const Frame kText{Opcode::kText, R"({"text":"a"})"};
const Frame kEnd{Opcode::kText, ""};

const BadFrames kBadFrames[] = {
    {kTalkPath, {kText, kEnd, kText}, 4003, "a message after the last one"},
    {kSendPath, {kEnd, kText}, 4003, "a message after the last one"},
    {kEditPath, {kText, kText}, 4003, "a message after the last one"},
    {kEditPath, {kEnd, kText}, 4003, "a message after the last one"},
    {kEditPath, {kText, {Opcode::kBinary, "{}"}}, 4003, "a message after the last one"},
    {kWatchPath, {kText}, 4003, "a message after the last one"},
    {"/v1/rooms/r/notes:sendOne", {kText}, 4003, "a message after the last one"},
    {kTalkPath, {kText, {Opcode::kBinary, "{}"}}, 4003, "a binary frame"},
    {kEditPath, {{Opcode::kBinary, "{}"}}, 4003, "a binary frame"},
    {kTalkPath, {kText, {Opcode::kText, "secret"}}, 4003, "message 2: "},
    {kTalkPath, {kText, {Opcode::kText, R"({"text":5432})"}}, 4003, "message 2: text"},
    {kTalkPath, {{Opcode::kText, R"({"item":{"count":"secret"}})"}}, 4003, "message 1: item.count"},
    {kTalkPath, {{Opcode::kText, R"({"item":{"count":2147483648}})"}}, 4003, "item.count"},
    {kTalkPath, {{Opcode::kText, R"({"item":{"count":-2147483649}})"}}, 4003, "item.count"},
    {kTalkPath, {{Opcode::kText, R"({"colour":"secret"})"}}, 4003, "message 1: "},
    {kTalkPath, {{Opcode::kText, R"({"text":"a"} {"text":"secret"})"}}, 4003, "message 1: "},
    {kTalkPath, {{Opcode::kText, "[" + kText.payload + "]"}}, 4003, "message 1: "},
    {kTalkPath, {{Opcode::kText, std::string(200, '[')}}, 4003, "message 1: "},
    {kTalkPath, {{Opcode::kText, "{\"text\":\"\xff\"}"}}, 1007, ""},
    {kTalkPath, {{Opcode::kText, "{}", true, 0, /*masked=*/false}}, 1002, ""},
    {kTalkPath, {{Opcode::kText, "{}", true, /*reserved=*/4}}, 1002, ""},
    {kTalkPath, {{Opcode::kContinuation, "{}"}}, 1002, ""},
    {kTalkPath, {{Opcode::kPing, std::string(126, 'p')}}, 1002, ""},
};

// Rule 6: an error names where, and never repeats the value.
TEST_F(WebSocketEnd, BadFrameHasItsCodeAndCancelsTheCall) {
  std::size_t calls = 0;
  for (const BadFrames& bad : kBadFrames) {
    SCOPED_TRACE(bad.target + " " + bad.frames.back().payload + " " + bad.reason);
    WebSocketClient client = Begin(bad.target);
    for (const Frame& frame : bad.frames) client.Send(frame);
    const CloseInfo close = client.ReadClose();
    EXPECT_EQ(close.code, bad.code);
    EXPECT_THAT(close.reason,
                AllOf(HasSubstr(bad.reason), Not(HasSubstr("secret")), Not(HasSubstr("5432"))));
    EXPECT_TRUE(api_.upstream.WaitForCancelled(++calls));
  }
}

TEST_F(WebSocketEnd, MessageAboveTheLimitIs1009) {
  const StreamsProxy api("limits: {max_request_body_bytes: 1000}");
  const_cast<FakeUpstream&>(api.upstream).OnStream(kTalk, EchoAll);
  const std::size_t room = 1000 - NoteText("").size();
  for (const bool fragmented : {false, true}) {
    WebSocketClient client = OpenSocket(api, kTalkPath);
    client.SendText(NoteText(std::string(room, 'x')));
    EXPECT_EQ(client.ReadText(), RoomText(std::string(room, 'x')));
    if (fragmented) {
      client.Send({Opcode::kText, std::string(600, ' '), /*fin=*/false});
      client.TrySendRaw(FrameBytes({Opcode::kContinuation, std::string(600, ' ')}));
    } else {
      client.SendText(NoteText(std::string(room + 1, 'x')));
    }
    EXPECT_THAT(client.FinishClose(), ClosesWith(1009));
  }
  EXPECT_TRUE(api.upstream.WaitForCancelled(2));
  EXPECT_TRUE(api.WaitUntilIdle());
}

TEST_F(WebSocketEnd, AnswerAboveTheLimitIsInternal) {
  StreamsProxy api("limits: {max_response_body_bytes: 1000}");
  api.upstream.OnUnary(kEditNote, UnaryReply::Message(NoteOf(std::string(1000, 'x'))));
  WebSocketClient client = OpenSocket(api, kEditPath);
  client.SendText("{}");
  EXPECT_THAT(client.FinishClose(), ClosesWith(4013, "the answer is larger than the limit"));
}

TEST_F(WebSocketEnd, UpstreamThatIsDownIsUnavailable) {
  api_.upstream.Stop();
  for (const char* target : {kWatchPath, kTalkPath}) {
    EXPECT_THAT(OpenSocket(api_, target).FinishClose(),
                ClosesWith(4014, "the upstream is not available"));
  }
}

TEST_F(WebSocketEnd, UpstreamThatDiesInMidCallIsUnavailable) {
  WebSocketClient client = Begin(kTalkPath);
  api_.upstream.Stop();
  EXPECT_THAT(client.FinishClose(), ClosesWith(4014));
}

TEST_F(WebSocketEnd, CloseHalfClosesAClientStreamThatWasNotHalfClosed) {
  Turns turns;
  api_.upstream.OnStream(kSendNotes, [&](UpstreamStream& stream) {
    turns.Take();
    return CountAll(stream);
  });
  for (const bool half_closed : {false, true}) {
    const std::size_t call = api_.upstream.CallCount();
    {
      WebSocketClient client = Begin(kSendPath);
      client.SendText(NoteText("a"));
      if (half_closed) SendEnd(client);
      client.SendClose(1000, "done");
      EXPECT_THAT(client.ReadClose(), ClosesWith(1000));
    }
    turns.Give();
    EXPECT_TRUE(WaitUntil([&] { return api_.upstream.Calls()[call].finished; }));
    EXPECT_FALSE(api_.upstream.Calls()[call].cancelled);
    EXPECT_EQ(api_.Requests(call).size(), 1u);
    EXPECT_TRUE(api_.WaitUntilIdle());
  }
  EXPECT_EQ(Count("Send", "OK"), 2);
}

struct Departure {
  std::string name;
  void (*leave)(WebSocketClient&);
  bool ends_client_streams;
};

const Departure kDepartures[] = {
    {"Close(1000)", [](WebSocketClient& client) { client.SendClose(1000); }, true},
    {"Close(1001)", [](WebSocketClient& client) { client.SendClose(1001); }, false},
    {"Close(4999)", [](WebSocketClient& client) { client.SendClose(4999, "no"); }, false},
    {"Close without a code",
     [](WebSocketClient& client) {
       client.Send({Opcode::kClose, ""});
     },
     false},
    {"RST", [](WebSocketClient& client) { client.Reset(); }, false},
    {"FIN", [](WebSocketClient& client) { client.HalfClose(); }, false},
};

TEST_F(WebSocketEnd, ClientThatLeavesCancelsTheCall) {
  std::size_t calls = 0;
  for (const Departure& departure : kDepartures) {
    for (const char* target : {kEditPath, kWatchPath, kSendPath, kTalkPath}) {
      if (departure.ends_client_streams && target == std::string(kSendPath)) continue;
      for (const bool all_sent : {false, true}) {
        SCOPED_TRACE(departure.name + " " + target + (all_sent ? " all sent" : ""));
        {
          WebSocketClient client = Begin(target);
          if (all_sent) SendEnd(client);
          departure.leave(client);
          ASSERT_TRUE(api_.upstream.WaitForCancelled(++calls));
        }
        ASSERT_TRUE(api_.WaitUntilIdle());
      }
    }
  }
  EXPECT_EQ(Count("Talk", "CANCELLED"), 12);
  EXPECT_EQ(Count("Send", "CANCELLED"), 10);
}

}  // namespace
}  // namespace puente::test
