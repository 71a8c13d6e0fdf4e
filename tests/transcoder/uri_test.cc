#include "transcoder/uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace puente {
namespace {

using ::testing::HasSubstr;

TEST(SplitTarget, SplitsAtTheFirstQuestionMark) {
  struct {
    std::string target, path, query;
  } const kCases[] = {
      {"/", "/", ""},
      {"/a/b", "/a/b", ""},
      {"/a?", "/a", ""},
      {"/a?b=c", "/a", "b=c"},
      {"/a?b=c?d", "/a", "b=c?d"},
      {"/a//b/", "/a//b/", ""},
      {"/a%2Fb?x=%20", "/a%2Fb", "x=%20"},
      {"/a:b;c=d,e+f@~!$&'()*", "/a:b;c=d,e+f@~!$&'()*", ""},
      {"/.../.a/a./..b", "/.../.a/a./..b", ""},
      {"/a?../..", "/a", "../.."},
  };
  for (const auto& c : kCases) {
    const auto split = SplitTarget(c.target);
    ASSERT_TRUE(split) << c.target << ": " << split.error().message;
    EXPECT_EQ(split->path, c.path) << c.target;
    EXPECT_EQ(split->query, c.query) << c.target;
  }
}

// Rules 7 and 12.
TEST(SplitTarget, RefusesWithAReason) {
  struct {
    std::string target, reason;
  } const kCases[] = {
      {"", "begin with '/'"},
      {"*", "begin with '/'"},
      {"a/b", "begin with '/'"},
      {"http://host/a", "begin with '/'"},
      {"?a=b", "begin with '/'"},
      {"/a#b", "path holds a '#'"},
      {"/a?b#c", "query holds a '#'"},
      {"/a b", "path holds a byte outside"},
      {"/a\tb", "path holds a byte outside"},
      {"/a\x7f", "path holds a byte outside"},
      {"/caf\xc3\xa9", "path holds a byte outside"},
      {"/a?b=\xc3\xa9", "query holds a byte outside"},
      {std::string("/a\0b", 4), "path holds a byte outside"},
      {"/a%", "path holds a malformed"},
      {"/a%2", "path holds a malformed"},
      {"/a%zz", "path holds a malformed"},
      {"/a%2g", "path holds a malformed"},
      {"/a?%", "query holds a malformed"},
      {"/a?b=%u0041", "query holds a malformed"},
      {"/a%00", "path holds an encoded NUL"},
      {"/a?b=%00", "query holds an encoded NUL"},
      {"/.", "'.' or '..'"},
      {"/..", "'.' or '..'"},
      {"/a/./b", "'.' or '..'"},
      {"/a/../b", "'.' or '..'"},
      {"/a/%2e%2E/b", "'.' or '..'"},
      {"/a/.%2e", "'.' or '..'"},
      {"/%2e", "'.' or '..'"},
      {"/a/..?x=1", "'.' or '..'"},
  };
  for (const auto& c : kCases) {
    const auto split = SplitTarget(c.target);
    ASSERT_FALSE(split) << c.target;
    EXPECT_EQ(split.error().code, Code::kInvalidArgument) << c.target;
    EXPECT_EQ(split.error().HttpStatus(), 400) << c.target;
    EXPECT_THAT(split.error().message, HasSubstr(c.reason)) << c.target;
  }
}

TEST(PercentDecode, DecodesOnceAndLeavesPlusAlone) {
  struct {
    std::string text, all, except_slash;
  } const kCases[] = {
      {"", "", ""},
      {"abc", "abc", "abc"},
      {"a+b", "a+b", "a+b"},
      {"%41%6a%6A", "Ajj", "Ajj"},
      {"a%2fb", "a/b", "a%2Fb"},
      {"a%2Fb", "a/b", "a%2Fb"},
      {"a%252Fb", "a%2Fb", "a%2Fb"},
      {"%25%32%46", "%2F", "%2F"},
      {"%C3%A9", "\xc3\xa9", "\xc3\xa9"},
      {"100%", "100%", "100%"},
      {"%4", "%4", "%4"},
      {"%zz%41", "%zzA", "%zzA"},
      {"%%41", "%A", "%A"},
      {"a/b", "a/b", "a/b"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(PercentDecode(c.text), c.all) << c.text;
    EXPECT_EQ(PercentDecode(c.text, Decoding::kExceptSlash), c.except_slash) << c.text;
  }
}

TEST(QueryDecode, TakesPlusAsAskedFor) {
  EXPECT_EQ(QueryDecode("a+b%2Bc%20d"), "a b+c d");
  EXPECT_EQ(QueryDecode("a+b%2Bc%20d", false), "a+b+c d");
}

std::string Encode(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789ABCDEFabcdef";
  std::string encoded;
  for (unsigned char byte : bytes) {
    encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return encoded;
}

TEST(PercentDecode, UndoesAnyEncoding) {
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_EQ(PercentDecode(Encode(bytes)), bytes) << i;
  }
}

TEST(SplitTarget, WhatItAcceptsDecodesWithoutControlOverSegments) {
  constexpr std::string_view kAlphabet = "/.%2eEfF0a?#";
  std::mt19937 random(11);
  for (int i = 0; i < 20000; ++i) {
    std::string target = "/";
    for (std::size_t n = random() % 12; n > 0; --n)
      target += kAlphabet[random() % kAlphabet.size()];
    const auto split = SplitTarget(target);
    if (!split) continue;
    const std::string decoded = "/" + PercentDecode(split->path, Decoding::kExceptSlash) + "/";
    EXPECT_EQ(decoded.find("/../"), decoded.npos) << target;
    EXPECT_EQ(decoded.find("/./"), decoded.npos) << target;
    EXPECT_EQ(decoded.find('\0'), decoded.npos) << target;
  }
}

TEST(HasPathPrefix, UndoesEscapesSaveThatOfASlash) {
  const std::tuple<std::string_view, std::string_view, bool> cases[] = {
      {"/legacy/a", "/legacy/", true},    {"/legacy/", "/legacy/", true},
      {"/legacy", "/legacy/", false},     {"/legac", "/legacy/", false},
      {"/%6Cegacy/a", "/legacy/", true},  {"/%6cegac%79/", "/legacy/", true},
      {"/legacy%2Fa", "/legacy/", false}, {"%2Flegacy/", "/legacy/", false},
      {"/Legacy/a", "/legacy/", false},   {"/anything", "/", true},
      {"/leg%", "/legacy/", false},       {"/%4Cegacy/", "/legacy/", false},
  };
  for (const auto& [path, prefix, expected] : cases) {
    EXPECT_EQ(HasPathPrefix(path, prefix), expected) << path;
  }
}

TEST(HasHiddenDotSegment, KnowsWhatSomeServersTakeForASlash) {
  for (const std::string_view path : {"/legacy/..%2Fadmin", "/legacy/..\\admin", "/a/b%5c..",
                                      "/a%2f..%2fb", "/a/%2e%2e%5Cb", "/.%2Fa"}) {
    EXPECT_TRUE(HasHiddenDotSegment(path)) << path;
  }
  for (const std::string_view path :
       {"/legacy/a", "/a%2Fb", "/..a%2Fb..", "/a%20b", "/...%2F...", "/%252E%252E%252F"}) {
    EXPECT_FALSE(HasHiddenDotSegment(path)) << path;
  }
}

// Rule 7.
TEST(CheckEscapes, RefusesMalformedEscapesAndNul) {
  for (const std::string_view text : {"", "a=b&c", "%41%2f%2F", "\xC3\xA9#\n ", "%25zz"}) {
    EXPECT_TRUE(CheckEscapes(text, "form")) << text;
  }
  const std::pair<std::string, std::string> cases[] = {
      {"%", "the form holds a malformed percent escape"},
      {"a%4", "the form holds a malformed percent escape"},
      {"%zz", "the form holds a malformed percent escape"},
      {"%41%%41", "the form holds a malformed percent escape"},
      {"a%00", "the form holds an encoded NUL"},
      {std::string("a\0", 2), "the form holds a NUL"},
  };
  for (const auto& [text, problem] : cases) {
    const auto checked = CheckEscapes(text, "form");
    ASSERT_FALSE(checked) << text;
    EXPECT_EQ(checked.error().message, problem) << text;
    EXPECT_EQ(checked.error().HttpStatus(), 400) << text;
  }
}

}  // namespace
}  // namespace puente
