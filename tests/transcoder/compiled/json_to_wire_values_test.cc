// Values that have a form of their own: design section 4, rule 6.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/transcoder/compiled/codec_readers.h"

namespace puente {
namespace {

using testing::ExpectRead;
using testing::ExpectRefused;
using testing::kEverything;
using testing::kLegacy;
using testing::Readers;

TEST(JsonToWireValues, ReadsEnums) {
  ExpectRead(kEverything, {R"({"color":"GREEN"})", R"({"color":2})", R"({"color":-1})",
                           R"({"color":77})", R"({"color":1e1})", R"({"color":1.0})",
                           R"({"color":-2147483648,"colors":[2147483647,"RED",0]})",
                           R"({"boolMap":{"true":"RED","false":0}})"});
  ExpectRefused(kEverything, {R"({"color":"1"})", R"({"color":"-1"})", R"({"color":1.5})",
                              R"({"color":2147483648})", R"({"color":true})", R"({"color":{}})",
                              R"({"color":"null"})", R"({"color":"7x"})", R"({"color":1e99999})"});
  ExpectRead(kLegacy, {R"({"closed":"ONE","closeds":["TWO",1]})", R"({"closed":2})"});
  ExpectRefused(kLegacy, {R"({"closed":3})", R"({"closeds":[1,0]})"});
}

TEST(JsonToWireValues, ReadsBytesInBothAlphabets) {
  std::vector<std::string> good, bad;
  for (const std::string text :
       {"", "AA", "AA==", "AAA", "AAA=", "AAAA", "AAAAAA", "+/8=", "-_8", "-/8",
        "AB==", "AAAAA+8=", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"}) {
    good.push_back(fmt::format(R"({{"someBytes":"{}"}})", text));
    good.push_back(fmt::format(R"({{"byteses":["{}"],"bytesWrapper":"{}"}})", text, text));
  }
  for (const std::string text :
       {"A", "AAAAA", "AA=", "AAA==", "AAAA=", "A=AA", "AA==AA==", "=",
        "==", "====", "AA ==", " AA", "A\\nA", "AA.A", "\\u00e9\\u00e9", "AAA~", "AA=A", "A==="}) {
    bad.push_back(fmt::format(R"({{"someBytes":"{}"}})", text));
  }
  ExpectRead(kEverything, good);
  ExpectRefused(kEverything, bad);
}

TEST(JsonToWireValues, ReadsWellKnownTypes) {
  ExpectRead(
      kEverything,
      {R"({"timestamp":"1970-01-01T00:00:00Z","timestamps":["2026-11-21T10:00:00.123456789+01:00"]})",
       R"({"timestamp":"0001-01-01T00:00:00Z"})",
       R"({"timestamp":"9999-12-31T23:59:59.999999999Z"})",
       R"({"duration":"0s"})",
       R"({"duration":"-3.000000001s"})",
       R"({"duration":"315576000000s"})",
       R"({"mask":""})",
       R"({"mask":"fooBar,a.bC"})",
       R"({"mask":"*"})",
       R"({"struct":{}})",
       R"({"struct":{"":null,"a":{"b":[1,"x",true,{}]}}})",
       R"({"value":{}})",
       R"({"value":[]})",
       R"({"value":-0.0})",
       R"({"value":"NaN"})",
       R"({"value":1e308})",
       R"({"listValue":[1,[2,[3]],{"a":[]}]})",
       R"({"empty":{}})",
       R"({"doubleWrapper":"NaN","floatWrapper":1.5,"int64Wrapper":"-1","uint64Wrapper":1,)"
       R"("int32Wrapper":0,"uint32Wrapper":1,"boolWrapper":false,"stringWrapper":"",)"
       R"("bytesWrapper":"","int64Wrappers":[1,"2"]})",
       R"({"timeMap":{"a":"1970-01-01T00:00:01Z"},"valueMap":{"a":{"b":1}}})"});
  ExpectRefused(kEverything, {R"({"timestamp":"1970-01-01"})",
                              R"({"timestamp":"1970-02-30T00:00:00Z"})",
                              R"({"timestamp":"10000-01-01T00:00:00Z"})",
                              R"({"timestamp":""})",
                              R"({"timestamp":"1970-01-01T00:00:00z"})",
                              R"({"timestamp":"1970-01-01 00:00:00Z"})",
                              R"({"duration":"1"})",
                              R"({"duration":"315576000001s"})",
                              R"({"duration":"1.0000000001s"})",
                              R"({"duration":"+1s"})",
                              R"({"mask":"foo_bar"})",
                              R"({"mask":"a,,b"})",
                              R"({"mask":"a b"})",
                              R"({"mask":["a"]})",
                              R"({"struct":[]})",
                              R"({"value":1e309})",
                              R"({"value":01})",
                              R"({"listValue":{}})",
                              R"({"empty":{"a":1,}})",
                              R"({"struct":{"a":1,}})",
                              R"({"int32Wrapper":{"value":1}})"});
}

TEST(JsonToWireValues, ReadsAnAnyThatBeginsWithItsType) {
  const auto any = [](std::string_view members) {
    return fmt::format(R"({{"any":{{"@type":"x/{}}},"anInt32":1}})", members);
  };
  ExpectRead(kEverything,
             {R"({"any":{},"anys":[{},{ }]})", any(R"(puente.codec.Inner")"),
              any(R"(puente.codec.Inner","id":"a","next":{"id":"b"})"),
              any(R"(google.protobuf.Empty")"), any(R"(google.protobuf.Empty","value":{})"),
              any(R"(google.protobuf.Duration","value":"1s")"),
              any(R"(google.protobuf.Value","value":null)"),
              any(R"(google.protobuf.Struct","value":{"a":1})"),
              any(R"(google.protobuf.Int64Value","value":"5")"),
              any(R"(google.protobuf.Any","value":{"@type":"a/b/google.protobuf.Any","value":{}})"),
              any(R"(puente.codec.Everything","any":{"@type":"x/puente.codec.Inner","id":"a"})"),
              any(R"(puente.codec.Legacy","id":"a")"),
              R"({"any":{"\u0040type":"x\/puente.codec.Inner"}})"});
  ExpectRefused(
      kEverything,
      {any(R"(puente.codec.Inner","id":1)"),
       any(R"(puente.codec.Inner","@type":"x/a")"),
       any(R"(puente.codec.Inner","id":"a","id":"b")"),
       any(R"(no.such.Type")"),
       any(R"(")"),
       any(R"(puente.codec.Everything.LabelsEntry")"),
       any(R"(google.protobuf.Duration")"),
       any(R"(google.protobuf.Duration","value":"1s","value":"1s")"),
       any(R"(google.protobuf.Duration","value":null)"),
       any(R"(google.protobuf.Duration","@type":"x/google.protobuf.Duration","value":"1s")"),
       any(R"(google.protobuf.Empty","value":{},"value":{})"),
       any(R"(google.protobuf.Empty","value":null)"),
       R"({"any":{"@type":1}})",
       R"({"any":{"@type":null}})",
       R"({"any":{"@type":"puente.codec.Inner"}})",
       R"({"any":{"@type":"/puente.codec.Inner"}})",
       R"({"any":{"id":"a"}})",
       R"({"any":[]})",
       R"({"any":{"@type":"x/puente.codec.Inner",}})",
       R"({"any":{"@type":"x/puente.codec.Inner")",
       R"({"any":{"@type":1,"@type":"x/puente.codec.Inner"}})"});
}

TEST(JsonToWireValues, LeavesOtherAnysToJsonReader) {
  for (const std::string json :
       {R"({"any":{"id":"a","@type":"x/puente.codec.Inner"}})",
        R"({"any":{"value":"1s","@type":"x/google.protobuf.Duration"}})"}) {
    EXPECT_FALSE(Readers().Fast({kEverything, json}).read) << json;
    EXPECT_TRUE(Readers().Slow({kEverything, json}).read) << json;
  }
}

TEST(JsonToWireValues, RefusesGroupsAndTakesWhatElseProto2Has) {
  ExpectRead(kLegacy, {R"({"id":"","count":0,"counts":{"":0,"a":1}})", R"({"old":null})", "{}",
                       R"({"closeds":["ONE"]})"});
  ExpectRefused(kLegacy, {R"({"old":{}})", R"({"old":{"value":1}})", R"({"old":[]})"});
}

}  // namespace
}  // namespace puente
