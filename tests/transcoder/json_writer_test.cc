#include "transcoder/json_writer.h"

#include <gmock/gmock.h>

namespace puente {
namespace {

TEST(JsonWriterTest, NestsAndSeparates) {
  JsonWriter json;
  json.Open('{');
  json.Member("a", "x\"\n");
  json.OptionalMember("none", "");
  json.OptionalMember("some", "\xff");
  json.Key("list");
  json.Open('[');
  json.Number(-1);
  json.Bool(true);
  json.Open('{');
  json.Close();
  json.Raw("[1]");
  json.Close();
  json.Key("empty");
  json.Open('[');
  json.Close();
  json.Close();
  EXPECT_EQ(std::move(json).Finish(), R"({
  "a": "x\"\n",
  "some": "�",
  "list": [
    -1,
    true,
    {},
    [1]
  ],
  "empty": []
}
)");
}

}  // namespace
}  // namespace puente
