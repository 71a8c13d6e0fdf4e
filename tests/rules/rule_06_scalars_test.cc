// Rule 6: scalar types and their JSON, both ways.
#include <fmt/format.h>

#include "tests/rules/json_cases.h"
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

struct IntegerType {
  std::string field;
  std::string least;
  std::string most;
  std::string too_little;
  std::string too_much;
  bool quoted;  // in answers
};

const IntegerType kIntegers[] = {
    {"i32", "-2147483648", "2147483647", "-2147483649", "2147483648", false},
    {"s32", "-2147483648", "2147483647", "-2147483649", "2147483648", false},
    {"sf32", "-2147483648", "2147483647", "-2147483649", "2147483648", false},
    {"u32", "0", "4294967295", "-1", "4294967296", false},
    {"f32", "0", "4294967295", "-1", "4294967296", false},
    {"i64", "-9223372036854775808", "9223372036854775807", "-9223372036854775809",
     "9223372036854775808", true},
    {"s64", "-9223372036854775808", "9223372036854775807", "-9223372036854775809",
     "9223372036854775808", true},
    {"sf64", "-9223372036854775808", "9223372036854775807", "-9223372036854775809",
     "9223372036854775808", true},
    {"u64", "0", "18446744073709551615", "-1", "18446744073709551616", true},
    {"f64", "0", "18446744073709551615", "-1", "18446744073709551616", true},
};

std::string Object(const std::string& field, const std::string& value) {
  return "{\"" + field + "\":" + value + "}";
}
std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

std::vector<RuleCase> IntegerCases() {
  std::vector<RuleCase> cases;
  for (const IntegerType& type : kIntegers) {
    const auto& field = type.field;
    const auto out = [&](const std::string& number) {
      return Object(field, type.quoted ? Quoted(number) : number);
    };
    const std::string most = field + ": " + type.most;
    cases.push_back(Maps(field + "AtMost", Object(field, type.most), most, out(type.most)));
    cases.push_back(
        Maps(field + "AtMostInQuotes", Object(field, Quoted(type.most)), most, out(type.most)));
    cases.push_back(Maps(field + "AtLeast", Object(field, type.least),
                         type.least == "0" ? "" : field + ": " + type.least,
                         type.least == "0" ? "{}" : out(type.least)));
    cases.push_back(Maps(field + "Exponent", Object(field, "12e1"), field + ": 120", out("120")));
    cases.push_back(Bad(field + "TooLittle", Object(field, type.too_little), field));
    cases.push_back(Bad(field + "TooMuch", Object(field, type.too_much), field));
    cases.push_back(Bad(field + "TooMuchInQuotes", Object(field, Quoted(type.too_much)), field));
    cases.push_back(Bad(field + "Fraction", Object(field, "1.5"), field));
  }
  return cases;
}
PUENTE_RULE_SUITE(Rule06Integers, IntegerCases);

std::vector<RuleCase> IntegerTextCases() {
  return {
      Maps("AFractionOfZero", R"({"i32":5.0})", "i32: 5", R"({"i32":5})"),
      Maps("AnExponentInQuotes", R"({"i32":"5e1"})", "i32: 50", R"({"i32":50})"),
      Maps("MinusZero", R"({"i32":-0})", "", "{}"),
      Maps("NullIsUnset", R"({"i32":null})", "", "{}"),
      Maps("OptionalZeroIsSet", R"({"maybe":0})", "maybe: 0"),
      Maps("OptionalNullIsUnset", R"({"maybe":null})", "", "{}"),
      Bad("EmptyQuotes", R"({"i32":""})", "i32"),
      Bad("SpaceInQuotes", R"({"i32":" 77"})", "i32"),
      Bad("TextBehindANumber", R"({"i32":"77qzx"})", "i32"),
      Bad("HexadecimalInQuotes", R"({"i32":"0x77"})", "i32"),
      Bad("APlusInQuotes", R"({"i32":"+77"})", "i32"),
      Bad("ABool", R"({"i32":true})", "i32"),
      Bad("AHugeExponent", R"({"i64":1e99999999})", "i64"),
  };
}
PUENTE_RULE_SUITE(Rule06IntegerText, IntegerTextCases);

std::vector<RuleCase> OtherScalarCases() {
  return {
      Maps("Double", R"({"wide":1.5})", "wide: 1.5"),
      Maps("DoubleInQuotes", R"({"wide":"-2.5e-3"})", "wide: -0.0025", R"({"wide":-0.0025})"),
      Maps("DoubleNan", R"({"wide":"NaN"})", "wide: nan"),
      Maps("DoubleInfinity", R"({"wide":"Infinity"})", "wide: inf"),
      Maps("DoubleMinusInfinity", R"({"wide":"-Infinity"})", "wide: -inf"),
      Maps("DoubleMinusZero", R"({"wide":-0.0})", "wide: -0", R"({"wide":-0})"),
      Maps("Float", R"({"real":0.1})", "real: 0.1"),
      Maps("FloatNan", R"({"real":"NaN"})", "real: nan"),
      Maps("FloatAtMost", R"({"real":3.4028235e38})", "real: 3.4028235e38",
           R"({"real":3.4028235e+38})"),
      Bad("FloatTooMuch", R"({"real":3.5e38})", "real"),
      Bad("DoubleTooMuch", R"({"wide":1.8e308})", "wide"),
      Bad("DoubleInOtherWords", R"({"wide":"inf"})", "wide"),
      Bad("DoubleOfText", R"({"wide":"qzx"})", "wide"),
      Maps("True", R"({"flag":true})", "flag: true"),
      Maps("FalseIsTheDefault", R"({"flag":false})", "", "{}"),
      Bad("BoolInQuotes", R"({"flag":"true"})", "flag"),
      Bad("BoolAsNumber", R"({"flag":1})", "flag"),
      Maps("Text", R"({"text":"a b"})", R"(text: "a b")"),
      Bad("TextAsNumber", R"({"text":77})", "text"),
      Bad("TextAsBool", R"({"text":true})", "text"),
      Maps("Bytes", R"({"raw":"+/8="})", R"(raw: "\373\377")"),
      Maps("BytesInTheOtherAlphabet", R"({"raw":"-_8="})", R"(raw: "\373\377")",
           R"({"raw":"+/8="})"),
      Maps("BytesWithoutPadding", R"({"raw":"+/8"})", R"(raw: "\373\377")", R"({"raw":"+/8="})"),
      Bad("BytesOfOtherLetters", R"({"raw":"qzx!"})", "raw"),
      Bad("BytesOfAnOddLength", R"({"raw":"A"})", "raw"),
      Bad("BytesAsList", R"({"raw":[1]})", "raw"),
      Maps("EnumName", R"({"color":"GREEN"})", "color: GREEN"),
      Maps("EnumNumber", R"({"color":2})", "color: GREEN", R"({"color":"GREEN"})"),
      Maps("EnumNegativeNumber", R"({"color":-1})", "color: NEGATIVE", R"({"color":"NEGATIVE"})"),
      Maps("EnumNumberWithoutName", R"({"color":77})", "color: 77"),
      Maps("EnumDefault", R"({"color":"COLOR_UNSPECIFIED"})", "", "{}"),
      Bad("EnumUnknownName", R"({"color":"qzx"})", "color"),
      Bad("EnumNameInLowerCase", R"({"color":"green"})", "color"),
      Bad("EnumTooLarge", R"({"color":2147483648})", "color"),
      Bad("EnumFraction", R"({"color":1.5})", "color"),
  };
}
PUENTE_RULE_SUITE(Rule06OtherScalars, OtherScalarCases);

}  // namespace
}  // namespace puente::test
