#include "transcoder/stream_framing.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace puente {
namespace {

constexpr StreamChoice kArray{StreamFormat::kJsonArray, "application/json"};
constexpr StreamChoice kNdjson{StreamFormat::kNdjson, "application/x-ndjson"};
constexpr StreamChoice kJsonl{StreamFormat::kNdjson, "application/jsonl"};
constexpr StreamChoice kEvents{StreamFormat::kServerSentEvents, "text/event-stream"};

std::string Frame(const StreamChoice& choice, const std::vector<std::string>& messages) {
  const auto framing = MakeStreamFraming(choice);
  std::string out;
  for (const auto& message : messages) framing->AppendMessage(message, out);
  framing->AppendEnd(out);
  return out;
}

TEST(StreamFraming, Rule4MessagesBecomeABody) {
  struct Case {
    StreamChoice choice;
    std::vector<std::string> messages;
    std::string body;
  };
  const Case kCases[] = {
      {kArray, {}, "[]"},
      {kArray, {"{}"}, "[{}]"},
      {kArray, {R"({"a":1})", "{}", R"({"a":3})"}, R"([{"a":1},{},{"a":3}])"},
      {kArray, {R"("")", "null"}, R"(["",null])"},
      {kNdjson, {}, ""},
      {kNdjson, {"{}"}, "{}\n"},
      {kNdjson, {R"({"a":1})", R"("x")", "[]"}, "{\"a\":1}\n\"x\"\n[]\n"},
      {kJsonl, {"1", "2"}, "1\n2\n"},
      {kEvents, {}, ""},
      {kEvents, {"{}"}, "data: {}\n\n"},
      {kEvents, {R"({"a":"\n"})", "2"}, "data: {\"a\":\"\\n\"}\n\ndata: 2\n\n"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Frame(c.choice, c.messages), c.body);
}

TEST(StreamFraming, HasTheContentTypeThatWasChosen) {
  for (const auto& choice : {kArray, kNdjson, kJsonl, kEvents}) {
    EXPECT_EQ(MakeStreamFraming(choice)->content_type(), choice.content_type);
  }
  EXPECT_EQ(MakeStreamFraming({})->content_type(), "application/json");
}

TEST(StreamFraming, Rule4EachMessageIsOnTheWireWhole) {
  struct Case {
    StreamChoice choice;
    std::string after_one;
    std::string after_two;
  };
  const Case kCases[] = {
      {kArray, "earlier bytes [1", "earlier bytes [1,2"},
      {kNdjson, "earlier bytes 1\n", "earlier bytes 1\n2\n"},
      {kEvents, "earlier bytes data: 1\n\n", "earlier bytes data: 1\n\ndata: 2\n\n"},
  };
  for (const auto& c : kCases) {
    const auto framing = MakeStreamFraming(c.choice);
    std::string out = "earlier bytes ";
    framing->AppendMessage("1", out);
    EXPECT_EQ(out, c.after_one);
    framing->AppendMessage("2", out);
    EXPECT_EQ(out, c.after_two);
  }
}

// What went out of an array until then is no complete one, so that it can only be cut.
TEST(StreamFraming, Rule4ErrorsAreInTheBodyWhereTheFormatHasAPlaceForThem) {
  struct Case {
    StreamChoice choice;
    bool has_place;
    std::string body;
  };
  const std::string error = R"({"code":5,"message":"gone"})";
  const Case kCases[] = {
      {kArray, false, "[1"},
      {kNdjson, true, "1\n{\"error\":{\"code\":5,\"message\":\"gone\"}}\n"},
      {kEvents, true, "data: 1\n\nevent: error\ndata: {\"code\":5,\"message\":\"gone\"}\n\n"},
  };
  for (const auto& c : kCases) {
    const auto framing = MakeStreamFraming(c.choice);
    std::string out;
    framing->AppendMessage("1", out);
    EXPECT_EQ(framing->AppendError(error, out), c.has_place) << c.body;
    EXPECT_EQ(out, c.body);
  }
}

TEST(StreamFraming, Rule4OnlyEventStreamsHaveAHeartbeat) {
  EXPECT_EQ(MakeStreamFraming(kArray)->heartbeat(), "");
  EXPECT_EQ(MakeStreamFraming(kNdjson)->heartbeat(), "");
  EXPECT_EQ(MakeStreamFraming(kEvents)->heartbeat(), ":\n\n");
}

TEST(StreamFramingDeathTest, TakesNoJsonOfSeveralLines) {
  std::string out;
  EXPECT_DEBUG_DEATH(MakeStreamFraming(kNdjson)->AppendMessage("{\n}", out), "IsOneLine");
  EXPECT_DEBUG_DEATH(MakeStreamFraming(kEvents)->AppendMessage("{\r}", out), "IsOneLine");
  EXPECT_DEBUG_DEATH(MakeStreamFraming(kEvents)->AppendError("{\n}", out), "IsOneLine");
}

}  // namespace
}  // namespace puente
