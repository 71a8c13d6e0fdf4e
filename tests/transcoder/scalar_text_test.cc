// One grammar for values in paths, queries and bodies: design section 4, rule 9.
#include "transcoder/scalar_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec_legacy.pb.h"
#include "codec_types.pb.h"

namespace puente {
namespace {

template <class Message = codec::Everything>
const google::protobuf::FieldDescriptor& Field(const std::string& name) {
  return *Message::descriptor()->FindFieldByName(name);
}

// The message with that one field, or the problem.
template <class Message = codec::Everything>
std::string Read(const std::string& field, std::string_view text) {
  WireWriter wire;
  const auto appended = AppendText(Field<Message>(field), text, wire);
  if (!appended) return "ERROR";
  Message message;
  if (!message.ParsePartialFromString(std::move(wire).Finish())) return "broken";
  return message.ShortDebugString();
}

struct TextCase {
  std::string field, text, read;
};

TEST(ScalarText, Grammar) {
  const std::vector<TextCase> cases = {
      {"maybe_int32", "0", "maybe_int32: 0"},
      {"maybe_int32", "-0", "maybe_int32: 0"},
      {"maybe_int32", "2147483647", "maybe_int32: 2147483647"},
      {"maybe_int32", "2147483648", "ERROR"},
      {"maybe_int32", "-2147483648", "maybe_int32: -2147483648"},
      {"maybe_int32", "-2147483649", "ERROR"},
      {"maybe_int32", "1.000", "maybe_int32: 1"},
      {"maybe_int32", "1.5e1", "maybe_int32: 15"},
      {"maybe_int32", "150e-1", "maybe_int32: 15"},
      {"maybe_int32", "1e-1", "ERROR"},
      {"maybe_int32", "0e999999999999999999999", "maybe_int32: 0"},
      {"maybe_int32", "1e999999999999999999999", "ERROR"},
      {"maybe_int32", "1e-999999999999999999999", "ERROR"},
      {"maybe_int32", "", "ERROR"},
      {"maybe_int32", "-", "ERROR"},
      {"maybe_int32", "+1", "ERROR"},
      {"maybe_int32", "01", "ERROR"},
      {"maybe_int32", "0x1", "ERROR"},
      {"maybe_int32", "1 ", "ERROR"},
      {"maybe_int32", " 1", "ERROR"},
      {"maybe_int32", "1_000", "ERROR"},
      {"maybe_int32", "NaN", "ERROR"},
      {"a_uint32", "4294967295", "a_uint32: 4294967295"},
      {"a_uint32", "4294967296", "ERROR"},
      {"a_uint32", "-1", "ERROR"},
      {"a_uint32", "-0", ""},
      {"a_uint64", "18446744073709551615", "a_uint64: 18446744073709551615"},
      {"a_uint64", "18446744073709551616", "ERROR"},
      {"an_int64", "-9223372036854775808", "an_int64: -9223372036854775808"},
      {"an_int64", "-9223372036854775809", "ERROR"},
      {"an_int64", "9223372036854775808", "ERROR"},
      {"a_sint32", "-2147483648", "a_sint32: -2147483648"},
      {"a_sint64", "-9223372036854775808", "a_sint64: -9223372036854775808"},
      {"a_fixed32", "4294967295", "a_fixed32: 4294967295"},
      {"a_fixed64", "18446744073709551615", "a_fixed64: 18446744073709551615"},
      {"a_sfixed32", "-1", "a_sfixed32: -1"},
      {"a_sfixed64", "-1", "a_sfixed64: -1"},
      {"a_float", "3.4028234e38", "a_float: 3.40282347e+38"},
      {"a_float", "3.5e38", "ERROR"},
      {"a_float", "1e-60", ""},
      {"a_float", "NaN", "a_float: nan"},
      {"a_float", "nan", "ERROR"},
      {"a_double", "1.7976931348623157e308", "a_double: 1.7976931348623157e+308"},
      {"a_double", "1.8e308", "ERROR"},
      {"a_double", "-1e400", "ERROR"},
      {"a_double", "1e-400", ""},
      {"a_double", "-1e-400", "a_double: -0"},
      {"a_double", "5e-324", "a_double: 4.94065645841247e-324"},
      {"a_double", "-Infinity", "a_double: -inf"},
      {"a_double", "+Infinity", "ERROR"},
      {"a_double", "inf", "ERROR"},
      {"a_double", "1.", "ERROR"},
      {"a_double", ".5", "ERROR"},
      {"a_double", "", "ERROR"},
      {"a_bool", "true", "a_bool: true"},
      {"a_bool", "false", ""},
      {"a_bool", "TRUE", "ERROR"},
      {"a_bool", "1", "ERROR"},
      {"a_bool", "", "ERROR"},
      {"a_string", "", ""},
      {"maybe_string", "", "maybe_string: \"\""},
      {"a_string", "\xC3\xA9", R"(a_string: "\303\251")"},
      {"a_string", "\xC3", "ERROR"},
      {"some_bytes", "", ""},
      {"some_bytes", "AQI", R"(some_bytes: "\001\002")"},
      {"some_bytes", "AQI=", R"(some_bytes: "\001\002")"},
      {"some_bytes", "AQI==", "ERROR"},
      {"some_bytes", "A", "ERROR"},
      {"some_bytes", "A Q=", "ERROR"},
      {"color", "RED", "color: RED"},
      {"color", "1", "color: RED"},
      {"color", "-1", "color: NEGATIVE"},
      {"color", "99", "color: 99"},
      {"color", "2147483648", "ERROR"},
      {"color", "red", "ERROR"},
      {"color", "", "ERROR"},
      {"color", "null", "ERROR"},
      {"choice_null", "null", "choice_null: NULL_VALUE"},
      {"int32s", "0", "int32s: 0"},
      {"timestamp", "", "ERROR"},
      {"int64_wrapper", "5", "int64_wrapper { value: 5 }"},
      {"int64_wrapper", "x", "ERROR"},
      {"inner", "x", "ERROR"},
      {"struct", "{}", "ERROR"},
      {"labels", "x", "ERROR"},
  };
  for (const TextCase& c : cases)
    EXPECT_EQ(Read(c.field, c.text), c.read) << c.field << " " << c.text;
}

TEST(ScalarText, ClosedEnumsRefuseUnknownNumbers) {
  EXPECT_EQ(Read<codec::Legacy>("closed", "2"), "closed: TWO");
  EXPECT_EQ(Read<codec::Legacy>("closed", "3"), "ERROR");
}

TEST(ScalarText, SaysWhatWasExpected) {
  EXPECT_EQ(ExpectedFor(Field("a_sfixed32")), "expected a number of type sfixed32");
  EXPECT_EQ(ExpectedFor(Field("some_bytes")), "expected bytes in base64");
  EXPECT_EQ(ExpectedFor(Field("int64_wrapper")), "expected a number of type int64");
  EXPECT_EQ(ExpectedFor(Field("inner")), "expected an object of type puente.codec.Inner");
}

TEST(ScalarText, KnowsWhatATextCanHold) {
  for (const std::string name : {"an_int32", "color", "timestamp", "duration", "mask",
                                 "bytes_wrapper", "int64_wrappers", "null_value"}) {
    EXPECT_TRUE(HasTextForm(Field(name))) << name;
  }
  for (const std::string name :
       {"inner", "labels", "struct", "value", "list_value", "any", "empty"}) {
    EXPECT_FALSE(HasTextForm(Field(name))) << name;
  }
  EXPECT_FALSE(HasTextForm(*codec::Legacy::descriptor()->FindFieldByName("old")));
}

}  // namespace
}  // namespace puente
