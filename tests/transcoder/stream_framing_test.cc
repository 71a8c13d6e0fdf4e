#include "transcoder/stream_framing.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace puente {
namespace {

std::string Frame(const std::vector<std::string>& messages) {
  const auto framing = MakeJsonArrayFraming();
  std::string out;
  for (const auto& message : messages) framing->AppendMessage(message, out);
  framing->AppendEnd(out);
  return out;
}

TEST(JsonArrayFraming, JoinsMessagesToOneArray) {
  struct Case {
    std::vector<std::string> messages;
    std::string body;
  };
  const Case kCases[] = {
      {{}, "[]"},
      {{"{}"}, "[{}]"},
      {{R"({"a":1})", "{}", R"({"a":3})"}, R"([{"a":1},{},{"a":3}])"},
      {{R"("")", "null"}, R"(["",null])"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Frame(c.messages), c.body);
}

TEST(JsonArrayFraming, IsJson) {
  EXPECT_EQ(MakeJsonArrayFraming()->content_type(), "application/json");
}

// Rule 4: a stream that fails is cut, and what went out until then is no complete array.
TEST(JsonArrayFraming, LeavesTheArrayOpenUntilTheEnd) {
  const auto framing = MakeJsonArrayFraming();
  std::string out = "earlier bytes ";
  framing->AppendMessage("1", out);
  EXPECT_EQ(out, "earlier bytes [1");
  framing->AppendMessage("2", out);
  EXPECT_EQ(out, "earlier bytes [1,2");
}

}  // namespace
}  // namespace puente
