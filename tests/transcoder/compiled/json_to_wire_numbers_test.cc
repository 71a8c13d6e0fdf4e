// Numbers at the limits of their types, in every spelling, through both readers.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/transcoder/compiled/codec_readers.h"

namespace puente {
namespace {

using testing::kEverything;
using testing::Readers;

// Every kind of number, singular, repeated, in a wrapper, and as key of a map.
const std::vector<std::string> kPlaces = {
    R"({{"anInt32":{}}})",       R"({{"anInt64":{}}})",
    R"({{"aUint32":{}}})",       R"({{"aUint64":{}}})",
    R"({{"aSint32":{}}})",       R"({{"aSint64":{}}})",
    R"({{"aFixed32":{}}})",      R"({{"aFixed64":{}}})",
    R"({{"aSfixed32":{}}})",     R"({{"aSfixed64":{}}})",
    R"({{"aFloat":{}}})",        R"({{"aDouble":{}}})",
    R"({{"color":{}}})",         R"({{"int32s":[{0}, {0}]}})",
    R"({{"int64s":[{}]}})",      R"({{"sint32s":[{}]}})",
    R"({{"fixed64s":[{}]}})",    R"({{"floats":[{}]}})",
    R"({{"doubles":[{}]}})",     R"({{"colors":[{}]}})",
    R"({{"unpacked":[{}]}})",    R"({{"doubleWrapper":{}}})",
    R"({{"floatWrapper":{}}})",  R"({{"int64Wrapper":{}}})",
    R"({{"uint64Wrapper":{}}})", R"({{"int32Wrapper":{}}})",
    R"({{"uint32Wrapper":{}}})", R"({{"int64Wrappers":[{}]}})",
    R"({{"maybeInt32":{}}})",    R"({{"intMap":{{"1":{}}}}})",
    R"({{"bool":{}}})",          R"({{"boolWrapper":{}}})",
    R"({{"choiceInt32":{}}})",   R"({{"nullValue":{}}})"};
const std::vector<std::string> kKeys = {R"({{"intMap":{{"{}":"1"}}}})",
                                        R"({{"innerMap":{{"{}":{{}}}}}})",
                                        R"({{"boolMap":{{"{}":"RED"}}}})"};

// Whether one of the places takes it.
bool AnyPlaceTakes(const std::string& number) {
  bool is_taken = false;
  for (const std::string& place : kPlaces) {
    for (const std::string& text : {number, "\"" + number + "\""}) {
      const std::string json = fmt::format(fmt::runtime(place), text);
      is_taken |= Readers().SayTheSame({kEverything, json});
    }
  }
  for (const std::string& place : kKeys) {
    is_taken |= Readers().SayTheSame({kEverything, fmt::format(fmt::runtime(place), number)});
  }
  return is_taken;
}

TEST(JsonToWireNumbers, AreTakenAtTheLimitsOfTheirTypes) {
  std::vector<std::string> numbers;
  for (const int bits : {7, 8, 14, 21, 24, 28, 31, 32, 35, 42, 49, 53, 56, 63, 64}) {
    for (int off = -2; off <= 2; ++off) {
      const auto power = static_cast<__int128>(1) << bits;
      const auto digits = [](__int128 value) {
        std::string text;
        for (; value != 0; value /= 10) text.insert(0, 1, static_cast<char>('0' + value % 10));
        return text;
      };
      numbers.push_back(digits(power + off));
      numbers.push_back("-" + digits(power + off));
      numbers.push_back(digits(power + off) + ".0");
      numbers.push_back(digits(power + off) + "0e-1");
    }
  }
  for (const std::string& number : numbers) EXPECT_TRUE(AnyPlaceTakes(number)) << number;
}

TEST(JsonToWireNumbers, AreTakenInEverySpelling) {
  for (const std::string number : {"0",
                                   "-0",
                                   "0.0",
                                   "-0.0",
                                   "0e0",
                                   "0E+5",
                                   "-0e-5",
                                   "1",
                                   "-1",
                                   "1.0",
                                   "1.50",
                                   "10e-1",
                                   "1e2",
                                   "1E2",
                                   "1e+2",
                                   "1e-2",
                                   "120e-1",
                                   "0.1e1",
                                   "1.5e1",
                                   "1.05e2",
                                   "123456789012345678",
                                   "1234567890123456789",
                                   "9999999999999999999",
                                   "12345678901234567890",
                                   "18446744073709551615",
                                   "18446744073709551616",
                                   "99999999999999999999",
                                   "100000000000000000000",
                                   "1e19",
                                   "1e20",
                                   "1.8446744073709551615e19",
                                   "0.1",
                                   "0.3",
                                   "2.5",
                                   "1e22",
                                   "1e23",
                                   "9007199254740991",
                                   "9007199254740993",
                                   "9007199254740992.5",
                                   "900719925474099.25",
                                   "16777216",
                                   "16777217",
                                   "16777217.5",
                                   "3.4028234e38",
                                   "3.4028235e38",
                                   "3.4028236e38",
                                   "3.5e38",
                                   "1.17549435e-38",
                                   "1e-45",
                                   "7e-46",
                                   "1e-46",
                                   "1.7976931348623157e308",
                                   "1.7976931348623158e308",
                                   "4.9e-324",
                                   "2e-324",
                                   "1e-400",
                                   "2.2250738585072011e-308",
                                   "0.000000000000000000000000001",
                                   "123456.7890123456789",
                                   "1.0000000000000000000000000000000000000001",
                                   "0.1234567890123456789012345678901234567890",
                                   "2147483648e-1",
                                   "4294967296.000",
                                   "100000000000000000000e-20",
                                   "true",
                                   "false",
                                   "NaN",
                                   "Infinity",
                                   "-Infinity"}) {
    EXPECT_TRUE(AnyPlaceTakes(number)) << number;
  }
}

TEST(JsonToWireNumbers, AreRefusedInEveryOther) {
  for (const std::string number : {"-",         "+1",        "01",
                                   "00",        "-01",       "1.",
                                   ".5",        "-.5",       "1e",
                                   "1e+",       "1e-",       "1.e1",
                                   "0x10",      "1_000",     "1 2",
                                   "--1",       "-+1",       "1e5.5",
                                   "1.5.5",     "e5",        "nan",
                                   "inf",       "infinity",  "-NaN",
                                   "+Infinity", "Infinity1", "1f",
                                   "0b1",       "1-",        "1e1000000000000000000000",
                                   "-1e309",    "1e309",     "1.7976931348623159e308",
                                   "\\u0031x",  "\xC2\xA0"}) {
    EXPECT_FALSE(AnyPlaceTakes(number)) << number;
  }
  for (const std::string number : {R"("")", R"(" 1")", R"("1 ")", R"("1,5")", R"("\t1")"}) {
    for (const std::string field : {"anInt32", "aUint64", "aDouble", "aFloat", "int64Wrapper"}) {
      const std::string json = fmt::format(R"({{"{}":{}}})", field, number);
      EXPECT_FALSE(Readers().SayTheSame({kEverything, json})) << json;
    }
  }
  for (const std::size_t count : {20u, 100u, 100000u}) {
    const std::string zeros(count, '0'), nines(count, '9');
    EXPECT_TRUE(AnyPlaceTakes("0." + zeros + "1"));
    EXPECT_TRUE(AnyPlaceTakes("1" + zeros + "e-" + std::to_string(count)));
    EXPECT_TRUE(AnyPlaceTakes("1." + zeros));
    EXPECT_FALSE(AnyPlaceTakes("0" + zeros));
    EXPECT_EQ(AnyPlaceTakes(nines), count < 300);
  }
}

TEST(JsonToWireNumbers, RealOnesAreTheNearestValue) {
  std::mt19937_64 random(1);
  std::string doubles, floats;
  for (int i = 0; i < 60000; ++i) {
    const int digits = static_cast<int>(random() % 20);
    const int exponent = static_cast<int>(random() % 50) - 25;
    const double value = static_cast<double>(random() >> random() % 64) * std::pow(10, exponent);
    const std::string text = random() % 2 == 0 ? fmt::format("{:.{}g}", value, digits + 1)
                                               : fmt::format("{:.{}f}", value, digits);
    doubles += (random() % 2 == 0 ? ",-" : ",") + text;
    if (value < 1e38) floats += "," + text;
  }
  EXPECT_TRUE(Readers().SayTheSame({kEverything, R"({"doubles":[0)" + doubles + "]}"}));
  EXPECT_TRUE(Readers().SayTheSame({kEverything, R"({"floats":[0)" + floats + "]}"}));
  EXPECT_TRUE(Readers().SayTheSame({kEverything, R"({"listValue":[0)" + doubles + "]}"}));
}

TEST(JsonToWireNumbers, IntegersOfAnyLength) {
  std::mt19937_64 random(2);
  std::string list;
  for (int i = 0; i < 60000; ++i) {
    const std::uint64_t bits = random() >> random() % 64;
    const std::string quote = random() % 2 == 0 ? "\"" : "";
    list += "," + quote + fmt::to_string(static_cast<std::int64_t>(bits)) + quote;
  }
  EXPECT_TRUE(Readers().SayTheSame({kEverything, R"({"int64s":[0)" + list + "]}"}));
}

}  // namespace
}  // namespace puente
