// Rule 9: values in paths follow the JSON grammar of their type.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

// `value` in the path of the field's route.
RuleCase Good(const std::string& name, const std::string& field, const std::string& value,
              const std::string& text) {
  return {name, Get("/v1/path/" + field + "/" + value), Calls("Path", text)};
}
RuleCase Bad(const std::string& name, const std::string& field, const std::string& value) {
  return {name, Get("/v1/path/" + field + "/" + value),
          Refused(400, 3, "path variable \\\"" + field + "\\\"").Hides(value)};
}

std::vector<RuleCase> NumberCases() {
  return {
      Good("Int32AtLeast", "i32", "-2147483648", "i32: -2147483648"),
      Good("Int64AtMost", "i64", "9223372036854775807", "i64: 9223372036854775807"),
      Good("Uint32AtMost", "u32", "4294967295", "u32: 4294967295"),
      Good("Uint64AtMost", "u64", "18446744073709551615", "u64: 18446744073709551615"),
      Good("Sint32", "s32", "-7", "s32: -7"),
      Good("Sint64", "s64", "-7", "s64: -7"),
      Good("Fixed32", "f32", "7", "f32: 7"),
      Good("Fixed64", "f64", "7", "f64: 7"),
      Good("Sfixed32", "sf32", "-7", "sf32: -7"),
      Good("Sfixed64", "sf64", "-7", "sf64: -7"),
      Good("Float", "real", "-1.5", "real: -1.5"),
      Good("FloatNan", "real", "NaN", "real: nan"),
      Good("Double", "wide", "1e3", "wide: 1000"),
      Good("DoubleInfinity", "wide", "Infinity", "wide: inf"),
      Good("DoubleMinusInfinity", "wide", "-Infinity", "wide: -inf"),
      Good("AnOptionalZero", "maybe", "0", "maybe: 0"),
      Good("AWrapper", "i64_box", "-9", "i64_box { value: -9 }"),
      Good("ABoolWrapper", "flag_box", "false", "flag_box {}"),
      Bad("Int32TooMuch", "i32", "2147483648"),
      Bad("Int64TooLittle", "i64", "-9223372036854775809"),
      Bad("Uint32Negative", "u32", "-1"),
      Bad("Uint64TooMuch", "u64", "18446744073709551616"),
      Bad("AWord", "i32", "qzx"),
      Bad("AHexadecimalNumber", "i32", "0x77"),
      Bad("AnOctalNumber", "i32", "077"),
      Bad("APlus", "i32", "+77"),
      Bad("AFraction", "i64", "77.5"),
      Bad("ASpace", "i32", "%2077"),
      Bad("ASeparator", "i32", "77,000"),
      Bad("Quotes", "i64", "%2277%22"),
      Bad("NanOfAnInteger", "i64", "NaN"),
      Bad("FloatTooMuch", "real", "4e38"),
      Bad("DoubleTooMuch", "wide", "1e309"),
      Bad("InfinityInOtherWords", "wide", "inf"),
      Bad("NanInLowerCase", "real", "nan"),
      Bad("AWordForAWrapper", "i64_box", "qzx"),
      Bad("NullForANumber", "i32", "null"),
  };
}
PUENTE_RULE_SUITE(Rule09PathNumbers, NumberCases);

std::vector<RuleCase> OtherCases() {
  return {
      Good("True", "flag", "true", "flag: true"),
      Good("False", "flag", "false", ""),
      Good("Text", "text", "a%20b", R"(text: "a b")"),
      Good("TextThatLooksLikeANumber", "text", "007", R"(text: "007")"),
      Good("TextNull", "text", "null", R"(text: "null")"),
      Good("BytesInStandardBase64", "raw", "%2B%2F8%3D", R"(raw: "\373\377")"),
      Good("BytesInUrlBase64", "raw", "-_8=", R"(raw: "\373\377")"),
      Good("BytesWithoutPadding", "raw", "-_8", R"(raw: "\373\377")"),
      Good("AnEnumByName", "color", "GREEN", "color: GREEN"),
      Good("AnEnumByNumber", "color", "2", "color: GREEN"),
      Good("AnEnumByNegativeNumber", "color", "-1", "color: NEGATIVE"),
      Good("AnEnumByNumberWithoutName", "color", "77", "color: 77"),
      Good("ATimestamp", "at", "2024-02-29T12:00:00.5Z",
           "at { seconds: 1709208000 nanos: 500000000 }"),
      Good("ADuration", "lasting", "3.5s", "lasting { seconds: 3 nanos: 500000000 }"),
      Good("AFieldMaskInCamelCase", "mask", "leaf.id,snakeCase",
           R"(mask { paths: "leaf.id" paths: "snake_case" })"),
      Good("AFieldMaskInSnakeCase", "mask", "leaf.id,snake_case",
           R"(mask { paths: "leaf.id" paths: "snake_case" })"),
      {"AMemberOfAOneof", Get("/v1/path/branch/x"), Calls("Path", R"(branch { id: "x" })")},
      Bad("ABoolAsNumber", "flag", "1"),
      Bad("ABoolInCapitals", "flag", "TRUE"),
      Bad("ABoolByItsLetter", "flag", "T"),
      Bad("ABoolInOtherWords", "flag", "yes"),
      Bad("BytesOfOtherLetters", "raw", "!!qzx"),
      Bad("BytesOfAnOddLength", "raw", "A"),
      Bad("AnEnumsUnknownName", "color", "BLUE"),
      Bad("AnEnumsNameInLowerCase", "color", "green"),
      Bad("AnEnumsFraction", "color", "1.5"),
      Bad("ATimestampWithoutZone", "at", "2024-02-29T12:00:00"),
      Bad("ATimestampOfADayThatIsNone", "at", "2023-02-29T12:00:00Z"),
      Bad("ATimestampTooEarly", "at", "0000-01-01T00:00:00Z"),
      Bad("ATimestampAsNumber", "at", "1709208000"),
      Bad("ADurationInOtherWords", "lasting", "1h5m"),
      Bad("ADurationWithoutUnit", "lasting", "77"),
      Bad("ADurationTooLong", "lasting", "377576000001s"),
      Bad("ANullTimestamp", "at", "null"),
  };
}
PUENTE_RULE_SUITE(Rule09PathValues, OtherCases);

}  // namespace
}  // namespace puente::test
