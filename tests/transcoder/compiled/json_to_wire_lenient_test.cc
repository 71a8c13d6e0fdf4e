// Input that nothing is bound to, fields that the path binds, and what the mask of a PATCH is told:
// design section 4, rules 1 and 10.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/transcoder/compiled/codec_readers.h"

namespace puente {
namespace {

using testing::ExpectRefused;
using testing::kEverything;
using testing::ReaderInput;
using testing::Readers;

struct Lenient {
  std::string json;
  std::size_t dropped;
};

TEST(JsonToWireLenient, SkipsWhatIsUnknownWhereThatIsIgnored) {
  const std::vector<Lenient> cases = {
      {R"({"x":1})", 1},
      {R"({"x":{"a":[1,"b",null,true,false,-1.5e3,{}],"c":{}},"anInt32":1})", 1},
      {R"({"inner":{"x":1,"next":{"y":2}},"z":3,"":4,"\u00e9":5})", 5},
      {R"({"@type":"a","inners":[{"x":1},{"x":2}]})", 3},
      {R"({"any":{"@type":"x/puente.codec.Inner","q":{"@type":1},"r":2}})", 2},
      {R"({"any":{"@type":"x/google.protobuf.Duration","q":1,"value":"1s","r":2}})", 2},
      {R"({"color":"PINK","colors":["RED","PINK","RED"],"boolMap":{"true":"PINK","false":"RED"}})",
       3},
      {R"({"colors":["PINK"],"maybeInt32":1})", 1},
      {R"({"color":""})", 1},
      {R"({"nullValue":"NOPE","nulls":["NOPE",null]})", 2},
      {R"({"innerMap":{"1":{"x":1}}})", 1},
  };
  for (const Lenient& c : cases) {
    const ReaderInput strict{kEverything, c.json};
    EXPECT_FALSE(Readers().SayTheSame(strict)) << c.json;
    const ReaderInput lenient{
        .type = kEverything, .json = c.json, .unknown = UnknownInput::kIgnore};
    EXPECT_TRUE(Readers().SayTheSame(lenient)) << c.json;
    EXPECT_EQ(Readers().Fast(lenient).dropped, c.dropped) << c.json;
    // Named by JsonReader.
    EXPECT_FALSE(
        Readers().Fast({.type = kEverything, .json = c.json, .unknown = UnknownInput::kWarn}).read);
  }
}

TEST(JsonToWireLenient, ChecksWhatItSkips) {
  ExpectRefused(kEverything,
                {R"({"x":1,"x":2})",
                 R"({"x":1,"y":2,"\u0078":3})",
                 R"({"x":{"y":1,"y":2}})",
                 R"({"x":[1,]})",
                 R"({"x":{"a":1,}})",
                 R"({"x":'a'})",
                 R"({"x":01})",
                 R"({"x":1.})",
                 R"({"x":-})",
                 R"({"x":1e})",
                 R"({"x":tru})",
                 R"({"x":nulls})",
                 R"({"x":"\x"})",
                 R"({"x":"\ud800"})",
                 R"({"x":{"y"}})",
                 R"({"x":{1:2}})",
                 R"({"x":[1 2]})",
                 R"({"x":})",
                 R"({"x":[})",
                 R"({"x":{]})",
                 R"({"x":)",
                 R"({"x":{"\u0061":1,"a":2}})",
                 R"({"inner":{"x":1,"x":1}})",
                 "{\"x\":\"\n\"}",
                 R"({"any":{"@type":"x/google.protobuf.Duration","value":"1s","q":1,"q":2}})",
                 R"({"any":{"@type":"x/puente.codec.Inner","q":1,"q":2}})"});
}

TEST(JsonToWireLenient, FieldsThatAreBoundAreCheckedAndLeftOut) {
  const std::vector<std::string> bound = {"inner.id", "an_int32", "self.inner.next.id", "a_string"};
  for (const std::string json :
       {R"({"anInt32":5,"aString":"x","aBool":true})", R"({"inner":{"id":"a","amount":1}})",
        R"({"self":{"inner":{"next":{"id":"a"}}}})", R"({"self":{"inner":{"next":{"amount":1}}}})",
        R"({"inner":{"id":null},"anInt32":null})", R"({"inner":null})",
        R"({"self":{"anInt32":1,"inner":{"id":"kept","next":{"id":"a","next":{"id":"b"}}}}})"}) {
    EXPECT_TRUE(Readers().SayTheSame({.type = kEverything, .json = json, .bound = bound})) << json;
    EXPECT_TRUE(Readers().SayTheSame(
        {.type = kEverything, .json = json, .field = "self", .bound = {"self.inner.id"}}))
        << json;
  }
  for (const std::string json :
       {R"({"anInt32":"x"})", R"({"inner":{"id":1}})", R"({"anInt32":1,"an_int32":2})"}) {
    EXPECT_FALSE(Readers().SayTheSame({.type = kEverything, .json = json, .bound = bound})) << json;
  }
  const std::string message = R"({"inner":{"id":"a","text":"x"},"intMap":{"1":2}})";
  EXPECT_EQ(Readers().Fast({.type = kEverything, .json = message, .bound = {"inner"}}).wire,
            Readers().Fast({kEverything, R"({"intMap":{"1":2}})"}).wire);
}

TEST(JsonToWireLenient, TellsTheMaskWhatJsonReaderTellsIt) {
  for (const std::string json :
       {R"({"anInt32":1,"an_int64":2,"otherName":3})", R"({"inner":{"id":"a","next":{"id":"b"}}})",
        R"({"inner":{},"labels":{"a":"b"},"inners":[{"id":"a"}],"timestamp":null})",
        R"({"any":{"@type":"x/puente.codec.Inner","id":"a"},"value":{"a":1}})",
        R"({"inner":{"x":1},"self":{"y":{"z":1},"inner":{"id":"a"}},"color":"PINK"})",
        R"({"self":{"color":"PINK"},"inner":{"next":{"unknown":1}},"colors":["PINK"]})"}) {
    const ReaderInput input{.type = kEverything, .json = json, .unknown = UnknownInput::kIgnore};
    EXPECT_TRUE(Readers().SayTheSame(input)) << json;
    EXPECT_FALSE(Readers().Fast(input).mask.empty()) << json;
  }
}

}  // namespace
}  // namespace puente
