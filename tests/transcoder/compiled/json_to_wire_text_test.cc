// What is JSON, to the letter: design section 4, rule 6.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/transcoder/compiled/codec_readers.h"

namespace puente {
namespace {

using testing::ExpectRead;
using testing::ExpectRefused;
using testing::kEverything;

TEST(JsonToWireText, RefusesWhatIsNoJson) {
  ExpectRefused(kEverything, {"",
                              " ",
                              "{",
                              "}",
                              "[",
                              "]",
                              "{]",
                              "[}",
                              "{}}",
                              "{} {}",
                              "{},",
                              "null x",
                              "nul",
                              R"({"anInt32":1,})",
                              R"({,"anInt32":1})",
                              R"({"anInt32":1 "anInt64":2})",
                              R"({"anInt32"})",
                              R"({"anInt32":})",
                              R"({"anInt32" 1})",
                              R"({'anInt32':1})",
                              R"({anInt32:1})",
                              R"({"anInt32":1}/**/)",
                              R"({"anInt32":+1})",
                              R"({"anInt32":.5})",
                              R"({"aDouble":NaN})",
                              R"({"aDouble":Infinity})",
                              R"({"aBool":True})",
                              R"({"aBool":tru})",
                              R"({"aBool":truee})",
                              R"({"aBool":false0})",
                              R"({"inner":nulll})",
                              R"({"inner":nul})",
                              R"({"inner":nil})",
                              R"({"int32s":[1,]})",
                              R"({"int32s":[,1]})",
                              R"({"int32s":[1 2]})",
                              R"({"int32s":[1)",
                              R"({"int32s":[1}])",
                              R"({"labels":{"a":"b",}})",
                              R"({"labels":{"a"}})",
                              "\xEF\xBB\xBF{}",
                              "{\"aString\":\"a\nb\"}",
                              "{\"aString\":\"\x01\"}",
                              "{\"aString\":\"a\x1f" + std::string(40, 'b') + "\"}",
                              R"({"aString":"a)",
                              R"({"aString":")",
                              R"({"aString)",
                              "{\v}",
                              "{\f}",
                              std::string("{\0}", 3),
                              std::string("{}\0", 3),
                              "\xC2\xA0{}"});
}

TEST(JsonToWireText, RefusesWhatIsNoUtf8AnywhereInTheText) {
  ExpectRefused(kEverything, {"{\"aString\":\"\xff\"}", "{\"aString\":\"\xC3\"}",
                              "{\"aString\":\"\xED\xA0\x80\"}", "{\"aString\":\"\xC0\x80\"}",
                              "{\"aString\":\"\xF5\x80\x80\x80\"}", "{\"x\xff\":1}",
                              "{\"x\":\"\xff\"}", "{}\xff", "{\"someBytes\":\"\xff\"}"});
  ExpectRead(kEverything, {"{\"aString\":\"\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80\x7f\"}",
                           "{\"labels\":{\"\xC3\xA9\":\"\xEF\xBF\xBF\"}}"});
}

TEST(JsonToWireText, ReadsStringsOfAnyLengthAtAnyPlace) {
  for (std::size_t length = 0; length < 300; ++length) {
    const std::string text(length, 'x');
    ExpectRead(kEverything, {fmt::format(R"({{"aString":"{}"}})", text),
                             fmt::format(R"({{"aString":"{}\n"}})", text),
                             fmt::format(R"({{"aString":"\"{}\u00e9{}"}})", text, text),
                             fmt::format(R"({{"labels":{{"{}":"{}"}}}})", text, text)});
    ExpectRefused(kEverything, {fmt::format(R"({{"aString":"{})", text),
                                fmt::format(R"({{"aString":"{}\)", text),
                                fmt::format("{{\"aString\":\"{}\t\"}}", text)});
  }
}

TEST(JsonToWireText, ReadsEscapes) {
  const auto with = [](std::string_view text) {
    return fmt::format(R"({{"aString":"{}"}})", text);
  };
  ExpectRead(kEverything,
             {with(R"(\"\\\/\b\f\n\r\t)"), with(R"(\u0000)"), with(R"(\u00e9\u00E9\u20ac)"),
              with(R"(\ud83d\ude00)"), with(R"(\uDBFF\uDFFF)"), with(R"(\ufffe\uffff)"),
              with(R"(a\nb\nc)"), with("plain text, and then more than a block of it \\n and more"),
              R"({"someBytes":"\u0041\u0041=="})", R"({"someBytes":"AA\/+"})",
              R"({"color":"\u0052ED"})", R"({"anInt32":"\u0031"})", R"({"aDouble":"\u0031.5"})",
              R"({"timestamp":"1970-01-01T00:00:01\u005a"})",
              R"({"labels":{"\u0061":"1","b":"2","\n":"3"},"intMap":{"\u0031":"2"}})",
              R"({"boolMap":{"\u0074rue":"RED"}})"});
  ExpectRefused(
      kEverything,
      {with(R"(\)"), with(R"(\x)"), with(R"(\u)"), with(R"(\u12)"), with(R"(\u123g)"),
       with(R"(\U0041)"), with(R"(\ud83d)"), with(R"(\ude00)"), with(R"(\ud83dx)"),
       with(R"(\ud83d\n)"), with(R"(\ud83d\ud83d)"), with(R"(\ud83d\u0041)"),
       with(R"(\ud83d\ude0)"), with("\\u00e9\n"), R"({"aString":"\u00)",
       R"({"labels":{"a":"1","\u0061":"2"}})", R"({"anInt32":1,"\u0061nInt32":2})",
       R"({"intMap":{"1":"1","\u0031":"2"}})", R"({"boolMap":{"true":0,"\u0074rue":0}})"});
}

}  // namespace
}  // namespace puente
