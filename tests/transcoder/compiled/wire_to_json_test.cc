// WireToJson says yes only to what ParseMessage and JsonPrinter take, and prints the same: design
// section 4, rules 3, 6 and 10.
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/testdata/compile_protos.h"
#include "tests/transcoder/codec_fixture.h"
#include "tests/transcoder/compiled/two_printers.h"
#include "tests/transcoder/compiled/wire_records.h"

namespace puente {
namespace {

using testing::Delimited;
using testing::Tag;
using testing::TwoPrinters;
using testing::Varint;

constexpr char kEverything[] = "puente.codec.Everything";
constexpr char kInner[] = "puente.codec.Inner";

const TwoPrinters& CodecPrinters() {
  static const TwoPrinters printers(testing::CodecDescriptors());
  return printers;
}

template <class Message = codec::Everything>
std::string Wire(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message.SerializePartialAsString();
}

const std::vector<std::string>& Texts() {
  static const std::vector<std::string> texts = {
      "",
      "an_int32: -1 an_int64: -2 a_uint32: 3 a_uint64: 4 a_sint32: -5 a_sint64: -6",
      "an_int32: -2147483648 an_int64: -9223372036854775808 a_uint64: 18446744073709551615",
      "a_sint32: -2147483648 a_sint64: -9223372036854775808 a_uint32: 4294967295",
      "a_fixed32: 4294967295 a_fixed64: 8 a_sfixed32: -9 a_sfixed64: -10",
      "an_int64: 9007199254740991 a_sint64: 9007199254740992 a_uint64: 9007199254740993",
      "an_int64: -9007199254740991 a_sint64: -9007199254740992",
      "a_float: 1.1 a_double: 1e300",
      "a_float: inf a_double: nan",
      "a_float: -0.0 a_double: -0.0",
      "a_double: -inf doubles: [0, -0.0, 0.1, 12.5, 19.99, 100000, 123456, 1e15, 1e-7, -inf]",
      "floats: [0, 1, 16777216, 3.4028235e38, 1e-45]",
      "a_bool: true some_bytes: '\\373\\377' byteses: ['', 'a', 'ab', 'abc', 'abcd']",
      R"(a_string: "\"\\/\b\f\n\r\t\001\177<\303\251" strings: ['', 'x', '\342\202\254'])",
      "color: GREEN colors: [RED, NEGATIVE, COLOR_UNSPECIFIED]",
      "renamed: 5",
      "maybe_int32: 0 maybe_string: ''",
      "inners { } inners { id: 'a' } inner { list { } list { text: 'x' } }",
      "int32s: [1, 0, -1] int64s: [0] sint32s: [1, -1] fixed64s: 7 bools: [true, false]",
      "unpacked: [5, 0, 6]",
      "labels { key: '' value: '' } labels { key: 'a\"' value: 'b' } labels { key: 'Z' value: '' }",
      "bool_map { key: true value: RED } bool_map { key: false value: GREEN }",
      "int_map { key: -1 value: 2 } int_map { key: 10 value: 3 } int_map { key: 9 value: 4 }",
      "inner_map { key: 18446744073709551615 value { id: 'a' } } inner_map { key: 2 value { } }",
      "time_map { key: 'a' value { } } value_map { key: 'b' value { null_value: NULL_VALUE } }",
      "timestamp { seconds: 1 } duration { seconds: -1 nanos: -5000000 }",
      "timestamp { seconds: 253402300799 nanos: 999999999 } duration { nanos: -1 }",
      "timestamp { seconds: -62135596800 nanos: 1000 } duration { seconds: -315576000000 }",
      "timestamps { seconds: -1 } timestamps { nanos: 120000000 } timestamps { }",
      "mask { paths: 'foo_bar' paths: 'a.b_c' }",
      "mask { } inner { }",
      "mask { paths: '*' }",
      "empty { } struct { } list_value { }",
      "value { null_value: NULL_VALUE }",
      "value { }",
      "value { number_value: 5 }",
      "value { list_value { values { string_value: 'x' } values { } values { bool_value: true } } "
      "}",
      "struct { fields { key: 'b' value { list_value { values { bool_value: false } } } } "
      "fields { key: 'a' value { struct_value { fields { key: '' value { number_value: 1 } } } } } "
      "}",
      "nulls: [NULL_VALUE, NULL_VALUE] choice_null: NULL_VALUE",
      "int64_wrapper { } string_wrapper { value: 'x' } bool_wrapper { } bytes_wrapper { value: 'x' "
      "}",
      "double_wrapper { value: 0.5 } float_wrapper { value: 0.5 } uint64_wrapper { value: 1 }",
      "int32_wrapper { value: -1 } uint32_wrapper { value: 1 } int64_wrappers { value: 3 }",
      "choice_int32: 0",
      "choice_string: ''",
      "choice_value { }",
      "choice_time { seconds: 5 }",
      "any { }",
      "any { [type.googleapis.com/puente.codec.Inner] { id: 'a' list { } } }",
      "any { [type.googleapis.com/puente.codec.Inner] { } }",
      "any { [type.googleapis.com/google.protobuf.Duration] { seconds: 1 } }",
      "any { [type.googleapis.com/google.protobuf.Any] { "
      "[type.googleapis.com/google.protobuf.Value] { string_value: 'x' } } }",
      "any { [type.googleapis.com/google.protobuf.Struct] { } }",
      "any { type_url: 'x/google.protobuf.Timestamp' }",
      "self { self { self { an_int32: 1 } } }",
  };
  return texts;
}

TEST(WireToJson, PrintsWhatJsonPrinterPrints) {
  const std::vector<CodecOptions> option_sets = {
      {},
      {.always_print_fields_with_no_presence = true},
      {.preserve_proto_field_names = true, .print_enums_as_ints = true, .int64_as_number = true},
      {.always_print_fields_with_no_presence = true,
       .print_enums_as_ints = true,
       .int64_as_number = true}};
  for (const CodecOptions& options : option_sets) {
    const TwoPrinters printers(testing::CodecDescriptors(), options);
    for (const std::string& text : Texts()) printers.ExpectSame(kEverything, Wire(text));
  }
}

TEST(WireToJson, PrintsAnyFieldAsTheWholeAnswer) {
  // Rule 10.
  const auto& type = *codec::Everything::descriptor();
  for (const std::string& text : Texts()) {
    for (int i = 0; i < type.field_count(); ++i) {
      CodecPrinters().ExpectSame(kEverything, Wire(text), type.field(i)->name());
    }
  }
}

TEST(WireToJson, TheWholeAnswerMayBeAWellKnownType) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"google.protobuf.Value", Wire<google::protobuf::Value>("list_value { values { } }")},
      {"google.protobuf.Value", ""},
      {"google.protobuf.Timestamp", Wire<google::protobuf::Timestamp>("seconds: 5")},
      {"google.protobuf.Empty", ""},
      {"google.protobuf.Struct", ""},
      {"google.protobuf.ListValue", Wire<google::protobuf::ListValue>("values { } values { }")},
      {"google.protobuf.FieldMask", Wire<google::protobuf::FieldMask>("paths: 'a_b'")},
      {"google.protobuf.Any", ""},
      {"google.protobuf.StringValue", Wire<google::protobuf::StringValue>("value: 'x'")},
      {"google.protobuf.Int64Value", ""},
  };
  for (const auto& [type, wire] : cases) CodecPrinters().ExpectSame(type, wire);
}

struct WireCase {
  std::string what;
  std::string wire;
};

// Fields of Inner and Everything.
const std::string kAmount = Tag(2, 0) + Varint(5);
const std::string kId = Delimited(1, "a");
const std::string kGroup =
    Tag(300, 3) + Tag(1, 0) + Varint(1) + Tag(2, 3) + Tag(2, 4) + Tag(300, 4);

TEST(WireToJson, TakesWhatProtobufTakes) {
  const std::vector<WireCase> inners = {
      {"unknown fields of every kind", Tag(100, 0) + Varint(1) + kId + Tag(100, 1) + "12345678" +
                                           Delimited(100, "abc") + kAmount + kGroup + Tag(100, 5) +
                                           "1234"},
      {"another wire type", Tag(1, 0) + Varint(1) + Delimited(2, "x") + Tag(3, 5) + "1234"},
      {"a group for a message", Tag(3, 3) + kId + Tag(3, 4)},
      {"a tag spelled at length", std::string("\x90\x80\x80\x80\x00\x05", 6)},
      {"bits of a tag beyond 32", "\x90\x80\x80\x80\x70\x05"},
      {"a varint spelled at length", Tag(2, 0) + std::string("\x85\x80\x80\x80\x80\x80\x00", 7)},
      {"a varint of ten bytes", Tag(2, 0) + "\x85\x80\x80\x80\x80\x80\x80\x80\x80\x7f"},
      {"a length spelled at length", Tag(1, 2) + std::string("\x81\x80\x80\x80\x00x", 6)},
      {"a zero where there is no presence", Delimited(1, "") + Tag(2, 0) + Varint(0)},
      {"a zero before another value", Tag(2, 0) + Varint(0) + kAmount},
      {"a member of a oneof before others", Delimited(6, "text") + kAmount + kId},
      {"an empty message", ""},
      {"fields out of order", kAmount + kId + Delimited(3, kAmount + kId) + kGroup},
      {"elements with another field in between",
       Delimited(4, kId) + Delimited(8, "") + Delimited(4, "")},
      {"entries with another field in between",
       Delimited(9, Delimited(1, "a")) + kId + Delimited(9, Delimited(1, "b"))},
      {"entries of a map with one part or none",
       Delimited(9, "") + Delimited(9, Delimited(1, "k")) + Delimited(9, Delimited(2, kId))},
      {"entries of a map the other way round", Delimited(9, Delimited(2, kId) + Delimited(1, "k"))},
      {"unknown fields in an entry", Delimited(9, kGroup + Delimited(1, "k") + Tag(2, 0) + "\x01")},
      {"a key that comes again", Delimited(9, Delimited(1, "k") + Delimited(2, kId)) +
                                     Delimited(9, Delimited(1, "a")) +
                                     Delimited(9, Delimited(1, "k") + Delimited(2, kAmount))},
      {"a Timestamp the other way round, with more in it",
       Delimited(
           5, Tag(2, 0) + Varint(1000) + kGroup + Tag(1, 0) + Varint(7) + Tag(1, 0) + Varint(8))},
  };
  for (const WireCase& c : inners) {
    EXPECT_TRUE(CodecPrinters().Agree(kInner, c.wire)) << c.what;
  }
  const std::vector<WireCase> cases = {
      {"packed and unpacked in one run", Tag(21, 0) + Varint(1) + Delimited(21, "\x02\x03") +
                                             Tag(21, 0) + Varint(4) + Delimited(21, "\x05")},
      {"unpacked where packed is usual", Tag(27, 0) + Varint(9) + Tag(27, 0) + Varint(0)},
      {"packed where it is not usual", Delimited(32, "\x05\x06")},
      {"a run without elements", Delimited(21, "")},
      {"a run without elements behind others", Delimited(21, "\x01") + kAmount + Delimited(21, "")},
      {"an unknown field within a run", Delimited(21, "\x01") + kGroup + Delimited(21, "\x02")},
      {"a bool of ten bytes", Tag(13, 0) + "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"},
      {"a bool that is zero in 64 bits", Tag(13, 0) + "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02"},
      {"numbers that are zero in 32 bits", Tag(1, 0) + Varint(std::uint64_t{1} << 32) + Tag(3, 0) +
                                               Varint(std::uint64_t{7} << 32) + Tag(5, 0) +
                                               Varint(std::uint64_t{1} << 33)},
      {"an unknown number of an open enum", Tag(16, 0) + Varint(77) + Delimited(30, "\x4d\x01")},
      {"a NullValue that is not null", Tag(57, 0) + Varint(5)},
      {"a packed run of NullValues", Delimited(63, std::string("\x00\x05", 2))},
      {"an Any the other way round",
       Delimited(58, Delimited(2, kId) + Delimited(1, "x/puente.codec.Inner"))},
      {"the last bytes of an Any count",
       Delimited(58,
                 Delimited(2, "\xff") + Delimited(1, "x/puente.codec.Inner") + Delimited(2, kId))},
      {"minus zero where there is no presence",
       Tag(12, 1) + std::string(7, '\0') + "\x80" + Tag(11, 5) + std::string(3, '\0') + "\x80"},
      {"an Empty with content", Delimited(59, kId)},
  };
  for (const WireCase& c : cases) {
    EXPECT_TRUE(CodecPrinters().Agree(kEverything, c.wire)) << c.what;
  }
}

TEST(WireToJson, LeavesTheRestToJsonPrinter) {
  const std::vector<WireCase> inners = {
      {"a singular field twice", kId + kId},
      {"text, and then none", kId + Delimited(1, "")},
      {"a singular message twice", Delimited(3, kId) + Delimited(3, kAmount)},
      {"a zero behind another value", kAmount + Tag(2, 0) + Varint(0)},
      {"two members of a oneof", Delimited(6, "x") + Tag(7, 0) + Varint(1)},
      {"a key twice in an entry", Delimited(9, Delimited(1, "a") + Delimited(1, "b"))},
      {"a value twice in an entry", Delimited(9, Delimited(2, kId) + Delimited(2, kAmount))},
  };
  for (const WireCase& c : inners) {
    EXPECT_EQ(CodecPrinters().Fast(kInner, c.wire), std::nullopt) << c.what;
    EXPECT_TRUE(CodecPrinters().Slow(kInner, c.wire)) << c.what;
  }
  const std::string unknown_type = Delimited(1, "x/no.Such") + Delimited(2, "x");
  const std::string broken = Delimited(1, "x/puente.codec.Inner") + Delimited(2, "\x0a");
  const std::vector<WireCase> cases = {
      {"an Any of an unknown type", Delimited(58, unknown_type)},
      {"an Any with broken bytes", Delimited(58, broken)},
      {"an Any without a type", Delimited(58, Delimited(2, "x"))},
      {"two kinds of a Value", Delimited(55, Tag(4, 0) + "\x01" + Delimited(3, "x"))},
      {"a wrapper's value twice", Delimited(78, Delimited(1, "x") + Delimited(1, "y"))},
  };
  for (const WireCase& c : cases) {
    EXPECT_EQ(CodecPrinters().Fast(kEverything, c.wire), std::nullopt) << c.what;
    EXPECT_TRUE(CodecPrinters().Slow(kEverything, c.wire)) << c.what;
  }
}

TEST(WireToJson, RefusesWhatIsBroken) {
  const google::protobuf::LogSilencer silencer;
  const std::vector<WireCase> cases = {
      {"half a tag", "\x88"},
      {"a tag of six bytes", std::string("\x88\x80\x80\x80\x80\x00\x05", 7)},
      {"tag zero", std::string(1, '\0')},
      {"tag zero at the end", kAmount + std::string(1, '\0')},
      {"number zero", std::string("\x02\x00", 2)},
      {"a wire type that is none", Tag(1, 6) + "\x01"},
      {"another that is none", Tag(100, 7) + "\x01"},
      {"no value", Tag(1, 0)},
      {"half a varint", Tag(1, 0) + "\x80"},
      {"a varint of eleven bytes", Tag(1, 0) + std::string(10, '\x80') + "\x01"},
      {"half a fixed number", Tag(7, 5) + "123"},
      {"half a long fixed number", Tag(8, 1) + "1234567"},
      {"a length beyond the end", Tag(14, 2) + "\x05" + "1234"},
      {"a length of 2 GB", Tag(14, 2) + "\xff\xff\xff\xff\x07"},
      {"a negative length", Tag(14, 2) + "\xff\xff\xff\xff\x0f"},
      {"a length of six bytes", Tag(14, 2) + std::string("\x81\x80\x80\x80\x80\x00x", 7)},
      {"an end without a group", Tag(1, 4)},
      {"an end within a message", Delimited(17, Tag(1, 4))},
      {"a group without an end", Tag(300, 3) + kAmount},
      {"a group with another end", Tag(300, 3) + Tag(301, 4)},
      {"a group that ends outside of its message", Delimited(17, Tag(300, 3)) + Tag(300, 4)},
      {"half an element of a packed run", Delimited(24, "1234567")},
      {"half a varint in a packed run", Delimited(21, "\x80")},
      {"a message longer than what holds it", Delimited(17, Tag(3, 2) + "\x02" + "x") + "\x08\x01"},
      {"text that is not UTF-8", Delimited(14, "\xff")},
      {"text that is not UTF-8 in a key", Delimited(41, Delimited(1, "\xed\xa0\x80"))},
      {"text that is not UTF-8 in a URL", Delimited(58, Delimited(1, "\xc0\x80"))},
      {"text that is not UTF-8 in an overwritten entry",
       Delimited(41, Delimited(2, "\xff")) + Delimited(41, "")},
      {"a Timestamp out of range", Delimited(51, Tag(2, 0) + Varint(1000000000))},
      {"a Duration of two signs",
       Delimited(52, Tag(1, 0) + Varint(1) + Tag(2, 0) + Varint(~std::uint64_t{0}))},
      {"a path without a JSON form", Delimited(53, Delimited(1, "fooBar"))},
      {"an empty path", Delimited(53, Delimited(1, "") + Delimited(1, "a"))},
      {"NaN in a Value", Delimited(55, Tag(2, 1) + std::string("\0\0\0\0\0\0\xf8\x7f", 8))},
  };
  for (const WireCase& c : cases) {
    EXPECT_EQ(CodecPrinters().Slow(kEverything, c.wire), std::nullopt) << c.what;
    EXPECT_EQ(CodecPrinters().Fast(kEverything, c.wire), std::nullopt) << c.what;
    EXPECT_EQ(CodecPrinters().Fast(kEverything, c.wire, "an_int32"), std::nullopt) << c.what;
  }
}

// Proto2 has what proto3 has not.
constexpr char kProto2[] = R"(
  syntax = "proto2"; package t;
  enum E { FIVE = 5; ONE = 1; UNO = 1; option allow_alias = true; }
  enum Z { ZERO = 0; TEN = 10; }
  message M {
    optional E e = 1;
    repeated E es = 2;
    repeated E packed = 3 [packed = true];
    map<string, Z> by_name = 4;
    optional group One = 5 { optional int32 a = 1; }
    repeated group Many = 6 { optional int32 a = 1; }
    oneof choice { E chosen = 7; string text = 8; }
    optional M m = 9;
    optional int32 with_default = 10 [default = 7];
    extensions 100 to 200;
  }
  extend M {
    optional M message_extension = 100;
    repeated int32 packed_extension = 101 [packed = true];
    optional string text_extension = 102;
    optional bytes bytes_extension = 103;
    optional int32 number_extension = 104;
  }
  message Set { option message_set_wire_format = true; extensions 4 to max; }
)";

TEST(WireToJson, Proto2) {
  const google::protobuf::LogSilencer silencer;
  const TwoPrinters printers(testing::LoadProto(kProto2));
  const std::string five = Tag(1, 0) + Varint(5);
  const std::vector<WireCase> cases = {
      {"an unknown number of a closed enum", Tag(1, 0) + Varint(9)},
      {"an unknown number beside a known one", Tag(1, 0) + Varint(9) + five},
      {"aliases", Tag(1, 0) + Varint(1) + Tag(2, 0) + Varint(1)},
      {"unknown numbers in a list", Tag(2, 0) + Varint(9) + Tag(2, 0) + Varint(5)},
      {"nothing but unknown numbers", Delimited(3, "\x09\x08") + Delimited(2, "\x09")},
      {"unknown numbers in a packed run", Delimited(3, "\x09\x05\x08\x01")},
      {"an unknown number in a oneof", Tag(7, 0) + Varint(9) + Delimited(8, "x")},
      {"an entry without a value", Delimited(4, Delimited(1, "a"))},
      {"another wire type for a group", Tag(5, 0) + Varint(1)},
      {"extensions", five + Tag(104, 0) + Varint(1) + Delimited(100, five) +
                         Delimited(103, "\xff") + Delimited(102, "x") + Delimited(150, "\xff")},
  };
  for (const WireCase& c : cases) EXPECT_TRUE(printers.Agree("t.M", c.wire)) << c.what;
  const std::vector<WireCase> left = {
      {"a group", Tag(5, 3) + Tag(5, 4)},
      {"a repeated group", Tag(6, 3) + Tag(6, 4)},
      {"an unknown number in an entry", Delimited(4, Tag(2, 0) + Varint(9))},
      {"an extension that is broken", Delimited(100, "\x08")},
      {"an extension that is packed", Delimited(101, "\x80")},
  };
  for (const WireCase& c : left) {
    EXPECT_EQ(printers.Fast("t.M", c.wire), std::nullopt) << c.what;
    EXPECT_EQ(printers.Fast("t.M", c.wire, "e"), std::nullopt) << c.what;
  }
  EXPECT_EQ(printers.Slow("t.M", "", "with_default"), "7");
  EXPECT_EQ(printers.Fast("t.M", "", "with_default"), std::nullopt) << "a default of its own";
  EXPECT_EQ(printers.Fast("t.M", "", "many"), "[]");
  EXPECT_EQ(printers.Fast("t.M", "", "one"), "{}");
  EXPECT_EQ(printers.Fast("t.Set", ""), "{}");
  EXPECT_EQ(printers.Fast("t.Set", Delimited(100, "x")), std::nullopt);
}

// A set may bring its own google/protobuf/*.proto.
TEST(WireToJson, LeavesWellKnownTypesOfProto2ToJsonPrinter) {
  const TwoPrinters printers(testing::LoadProto(R"(
    syntax = "proto2"; package google.protobuf;
    message Int32Value { optional int32 value = 1 [default = 7]; }
    message Holder { optional Int32Value a = 1; })"));
  EXPECT_EQ(printers.Slow("google.protobuf.Holder", Delimited(1, "")), R"({"a":7})");
  EXPECT_EQ(printers.Fast("google.protobuf.Holder", Delimited(1, "")), std::nullopt);
}

TEST(WireToJson, MessagesWithManyFields) {
  std::string proto = R"(syntax = "proto3"; package t; message Wide { oneof choice {)";
  for (int i = 1; i <= 5; ++i)
    proto += "int32 o" + std::to_string(i) + "=" + std::to_string(i) + ";";
  proto += "}";
  for (int i = 6; i <= 150; ++i) {
    proto += (i % 2 == 0 ? "repeated int32 f" : "Wide f") + std::to_string(i) + "=" +
             std::to_string(i % 3 == 0 ? i : 1000 - i) + ";";
  }
  const TwoPrinters printers(testing::LoadProto(proto + "}"));
  const auto field = [](int number) { return Delimited(number, ""); };
  const auto number = [](int n) { return Tag(n, 0) + Varint(1); };
  EXPECT_TRUE(printers.Agree("t.Wide", number(3) + number(6) + number(6) + field(9) + number(850)));
  EXPECT_TRUE(printers.Agree("t.Wide", field(141) + number(144) + field(9) + number(3)));
  EXPECT_TRUE(printers.Agree("t.Wide", Delimited(141, field(141) + number(144)) +
                                           Delimited(147, number(144)) + number(6)));
  for (const std::string& twice :
       {field(141) + field(141), field(147) + number(6) + field(147), number(1) + number(5)}) {
    EXPECT_FALSE(printers.Fast("t.Wide", twice));
    EXPECT_TRUE(printers.Slow("t.Wide", twice));
  }
}

TEST(WireToJson, PrintsDefaultsInTheirPlaces) {
  const TwoPrinters printers(testing::CodecDescriptors(),
                             {.always_print_fields_with_no_presence = true});
  printers.ExpectSame(kInner, "");
  printers.ExpectSame(kInner, Delimited(4, "") + Delimited(4, kAmount) + Delimited(8, kId));
  printers.ExpectSame(kInner, kAmount + kId);
  printers.ExpectSame(kInner, kAmount + Delimited(1, ""));
  printers.ExpectSame(kInner, Delimited(4, "") + Delimited(9, "") + Delimited(4, ""));
  EXPECT_FALSE(printers.Agree(kInner, kAmount + Tag(2, 0) + Varint(0)));
  const TwoPrinters flat(testing::CodecDescriptors(),
                         {.always_print_fields_with_no_presence = true, .max_json_depth = 1});
  EXPECT_FALSE(flat.Agree(kInner, "")) << "an empty list is one level, too";
  EXPECT_EQ(flat.Slow(kInner, ""), std::nullopt);
}

// Something nested `depth` times, from the inside out.
template <class Wrap>
std::string Nested(int depth, std::string innermost, Wrap wrap) {
  for (int i = 0; i < depth; ++i) innermost = wrap(innermost);
  return innermost;
}

struct Nesting {
  std::string what;
  std::string type;
  std::string innermost;
  std::string (*wrap)(const std::string&);
};

const std::vector<Nesting> kNestings = {
    {"messages", kInner, kAmount, [](const std::string& in) { return Delimited(3, in); }},
    {"lists", kInner, kAmount, [](const std::string& in) { return Delimited(4, in); }},
    {"maps", kInner, kAmount, [](const std::string& in) { return Delimited(9, Delimited(2, in)); }},
    {"Structs", "google.protobuf.Value", Tag(4, 0) + "\x01",
     [](const std::string& in) { return Delimited(5, Delimited(1, Delimited(2, in))); }},
    {"ListValues", "google.protobuf.Value", "",
     [](const std::string& in) { return Delimited(6, Delimited(1, in)); }},
    {"Anys", "google.protobuf.Any", "",
     [](const std::string& in) {
       return Delimited(1, "x/google.protobuf.Any") + Delimited(2, in);
     }},
    {"unknown groups", kInner, "",
     [](const std::string& in) { return Tag(300, 3) + in + Tag(300, 4); }},
};

TEST(WireToJson, BoundsTheDepthAsJsonPrinterDoes) {
  for (const int limit : {1, 2, 5, 20}) {
    const TwoPrinters printers(testing::CodecDescriptors(), {.max_json_depth = limit});
    for (const Nesting& nesting : kNestings) {
      int printed = 0, refused = 0;
      for (int depth = 0; depth < 3 * limit + 8; ++depth) {
        const std::string wire = Nested(depth, nesting.innermost, nesting.wrap);
        const bool fast = printers.Agree(nesting.type, wire);
        EXPECT_EQ(fast, printers.Slow(nesting.type, wire).has_value())
            << nesting.what << " " << depth << " limit " << limit;
        fast ? ++printed : ++refused;
      }
      EXPECT_GT(refused, 0) << nesting.what;
      EXPECT_GT(printed, 0) << nesting.what;
    }
  }
}

// Of what is not printed, only the nesting of messages counts.
TEST(WireToJson, BoundsTheNestingOfMessagesAsProtobufDoes) {
  constexpr int kLimit = 4;
  const TwoPrinters printers(testing::CodecDescriptors(), {.max_json_depth = kLimit});
  const auto expect_as_protobuf = [&](const std::string& what, const std::string& type,
                                      auto wire_with) {
    int printed = 0, refused = 0;
    for (int depth = 0; depth < 3 * kLimit + 8; ++depth) {
      const std::string wire = wire_with(Nested(depth, "", kNestings.back().wrap));
      const bool fast = printers.Agree(type, wire);
      EXPECT_EQ(fast, printers.Slow(type, wire).has_value()) << what << " " << depth;
      fast ? ++printed : ++refused;
    }
    EXPECT_TRUE(printed > 0 && refused > 0) << what;
  };
  for (const Nesting& nesting : kNestings) {
    // Deeper, its content is no error: it is printed as bytes.
    if (nesting.what == "Anys") continue;
    expect_as_protobuf(nesting.what, nesting.type,
                       [&](const std::string& groups) { return nesting.wrap(groups); });
  }
  expect_as_protobuf("behind an Any", kEverything, [](const std::string& groups) {
    return Delimited(58, Delimited(1, "x/google.protobuf.Empty")) + groups;
  });
  const std::string any_type = Delimited(1, "x/puente.codec.Inner");
  const std::string deep = Nested(3 * kLimit + 3, "", kNestings.back().wrap);
  EXPECT_TRUE(printers.Agree("google.protobuf.Any", any_type + Delimited(2, deep)));
  EXPECT_TRUE(printers.Agree(kEverything, Delimited(58, any_type + Delimited(2, deep))));
  expect_as_protobuf("in an entry", kInner,
                     [](const std::string& groups) { return Delimited(9, groups); });
  expect_as_protobuf("in a message of an entry", kInner,
                     [](const std::string& groups) { return Delimited(9, Delimited(2, groups)); });
  expect_as_protobuf("behind an entry", kEverything, [](const std::string& groups) {
    return Delimited(44, Delimited(2, "")) + groups;
  });
}

TEST(WireToJson, IsLinearAndNeverDeep) {
  const google::protobuf::LogSilencer silencer;
  const TwoPrinters printers(testing::CodecDescriptors(), {.max_json_depth = 1000});
  const std::string group(200000, Tag(2, 3)[0]);
  std::string entries;
  for (int i = 0; i < 50000; ++i) {
    entries += Delimited(41, Delimited(1, "key" + std::to_string(i % 5000)));
  }
  const auto nest = [](int number) {
    return [number](const std::string& in) { return Delimited(number, in); };
  };
  const auto any = [](const std::string& in) {
    return Delimited(1, "x/google.protobuf.Any") + Delimited(2, in);
  };
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(printers.Fast(kEverything, group));
  EXPECT_TRUE(printers.Fast(kEverything, entries));
  EXPECT_TRUE(printers.Fast(kEverything, Nested(999, "", nest(102))));
  EXPECT_FALSE(printers.Fast(kEverything, Nested(5000, "", nest(102))));
  EXPECT_TRUE(printers.Fast(kEverything, Delimited(58, Nested(998, "", any))));
  EXPECT_FALSE(printers.Fast(kEverything, Delimited(58, Nested(5000, "", any))));
  EXPECT_TRUE(printers.Fast(kEverything, Delimited(14, std::string(1 << 20, '\n'))));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(WireToJson, WhatAnysAreUnpackedFromIsBoundedInAll) {
  const std::string text = Delimited(1, std::string(1 << 20, 'x'));
  const auto any = [](const std::string& in) {
    return Delimited(1, "x/google.protobuf.Any") + Delimited(2, in);
  };
  const std::string innermost = Delimited(1, "x/puente.codec.Inner") + Delimited(2, text);
  const auto nested = [&](int depth) { return Delimited(58, Nested(depth, innermost, any)); };
  EXPECT_TRUE(CodecPrinters().Agree(kEverything, nested(60)));
  EXPECT_FALSE(CodecPrinters().Fast(kEverything, nested(90)));
}

TEST(WireToJson, WhatIsSortedIsBoundedInAll) {
  const auto out_of_order = [](const std::string& in) { return Delimited(3, in) + kAmount; };
  const auto nested = [&](int depth) {
    return Nested(depth, Delimited(1, std::string(1 << 16, 'x')), out_of_order);
  };
  EXPECT_TRUE(CodecPrinters().Agree(kInner, nested(5)));
  EXPECT_FALSE(CodecPrinters().Fast(kInner, nested(40)));
  EXPECT_TRUE(CodecPrinters().Slow(kInner, nested(40)));
}

TEST(WireToJson, AppendsToWhatIsThere) {
  const MessageTables tables(*testing::CodecDescriptors(), CodecOptions());
  std::string out = "[";
  const CodecOptions options;
  EXPECT_TRUE(WireToJson(tables, options, out).Print(kId, *tables.Find(kInner)));
  EXPECT_EQ(out, R"([{"id":"a"})");
  EXPECT_FALSE(WireToJson(tables, options, out).Print(kId + kId, *tables.Find(kInner)));
  EXPECT_EQ(out, R"([{"id":"a"})");
}

}  // namespace
}  // namespace puente
