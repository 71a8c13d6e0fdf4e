#include "transcoder/number_text.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <random>
#include <string>

namespace puente {
namespace {

template <class T>
std::string Written(T value) {
  std::array<char, kLongestReal> text;
  return {text.data(), WriteNumber(value, text.data())};
}

template <class T>
std::string Shortest(T value) {
  std::array<char, 64> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

void ExpectShortest(double value) {
  for (const double near :
       {value, -value, std::nextafter(value, 1e300), std::nextafter(value, 0)}) {
    ASSERT_EQ(Written(near), Shortest(near));
  }
}

TEST(NumberText, WritesTheShortestText) {
  EXPECT_EQ(Written(0.0), "0");
  EXPECT_EQ(Written(-0.0), "-0");
  EXPECT_EQ(Written(19.99), "19.99");
  EXPECT_EQ(Written(-0.001), "-0.001");
  EXPECT_EQ(Written(99999.0), "99999");
  EXPECT_EQ(Written(100000.0), "1e+05");
  EXPECT_EQ(Written(123456789.0), "123456789");
  EXPECT_EQ(Written(-2.2250738585072014e-308), "-2.2250738585072014e-308");
  EXPECT_EQ(Written(1.1F), "1.1");
  for (int i = 0; i < 20000; ++i) {
    for (const double scale : {1e-5, 1.0, 10.0, 100.0, 1000.0, 1e6, 1e7}) ExpectShortest(i / scale);
    ExpectShortest(i * 50000.0);
  }
}

TEST(NumberText, WritesAnyNumberAsToCharsDoes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100000; ++i) {
    const std::uint64_t bits = random();
    const auto any = std::bit_cast<double>(bits);
    if (std::isfinite(any)) ExpectShortest(any);
    ExpectShortest(static_cast<double>(bits >> (bits % 50 + 10)) / std::pow(10, bits % 9));
    const auto single = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (!std::isfinite(single)) continue;
    ASSERT_EQ(Written(single), Shortest(single));
  }
}

}  // namespace
}  // namespace puente
