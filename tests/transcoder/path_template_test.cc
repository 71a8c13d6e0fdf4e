#include "transcoder/path_template.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace puente {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// "a/*/** {x=0+2 multi} :verb": segments, variables as first+count, verb.
std::string Show(const PathTemplate& parsed) {
  std::string shown;
  for (const auto& segment : parsed.segments) {
    if (!shown.empty()) shown += '/';
    shown += segment.kind == PathTemplate::SegmentKind::kLiteral  ? segment.literal
             : segment.kind == PathTemplate::SegmentKind::kSingle ? "*"
                                                                  : "**";
  }
  for (const auto& variable : parsed.variables) {
    shown += fmt::format(" {{{}={}+{}{}}}", variable.field_path, variable.first, variable.count,
                         variable.multi_segment ? " multi" : "");
  }
  if (!parsed.verb.empty()) shown += " :" + parsed.verb;
  return shown;
}

TEST(PathTemplate, Parses) {
  struct {
    std::string text, expected;
  } const kCases[] = {
      {"/", ""},
      {"/v1", "v1"},
      {"/v1/invoices", "v1/invoices"},
      {"/*", "*"},
      {"/**", "**"},
      {"/v1/{id}", "v1/* {id=1+1}"},
      {"/v1/{id=*}", "v1/* {id=1+1}"},
      {"/v1/{a}/{b}", "v1/*/* {a=1+1} {b=2+1}"},
      {"/v1/{book.name=shelves/*/books/*}", "v1/shelves/*/books/* {book.name=1+4 multi}"},
      {"/v1/{name=**}", "v1/** {name=1+1 multi}"},
      {"/v1/{name=files/**}/raw", "v1/files/**/raw {name=1+2 multi}"},
      {"/v1/{name=files/**/raw}/x/y", "v1/files/**/raw/x/y {name=1+3 multi}"},
      {"/v1/{kind=book}", "v1/book {kind=1+1}"},
      {"/v1/**/a/b", "v1/**/a/b"},
      {"/v1/{id}:cancel", "v1/* {id=1+1} :cancel"},
      {"/v1/{name=**}:cancel", "v1/** {name=1+1 multi} :cancel"},
      {"/v1/a:b", "v1/a :b"},
      // The verb begins at the first colon of the last segment, and takes the others with it.
      {"/v1/a:b:c", "v1/a :b:c"},
      {"/v1/{id}:b:c", "v1/* {id=1+1} :b:c"},
      {"/v1/a::b", "v1/a ::b"},
      {"/v1/a:b/c", "v1/a:b/c"},
      {"/v1/a:b/{c}/d:e", "v1/a:b/*/d {c=2+1} :e"},
      {"/v1/a%3Ab", "v1/a:b"},
      {"/a%2fb/%C3%a9", "a/b/\xc3\xa9"},
      {"/-._~!$&'()+,;=@", "-._~!$&'()+,;=@"},
      {"/v1/%2A", "v1/*"},
      {"/.../.a", ".../.a"},
      {"/{_a1._b2}", "* {_a1._b2=0+1}"},
      {"/{x=a=b}", "a=b {x=0+1}"},
      {"/billing.v1.Billing/Get", "billing.v1.Billing/Get"},
  };
  for (const auto& c : kCases) {
    const auto parsed = PathTemplate::Parse(c.text);
    ASSERT_TRUE(parsed) << c.text << ": " << parsed.error();
    EXPECT_EQ(Show(*parsed), c.expected) << c.text;
    EXPECT_EQ(parsed->text, c.text);
  }
}

TEST(PathTemplate, AnEscapedStarIsALiteral) {
  const auto parsed = PathTemplate::Parse("/%2A");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->segments[0].kind, PathTemplate::SegmentKind::kLiteral);
}

TEST(PathTemplate, RefusesAndSaysWhere) {
  struct {
    std::string text;
    int column;
    std::string reason;
  } const kCases[] = {
      {"", 1, "expected '/'"},
      {"v1/a", 1, "expected '/'"},
      {"//", 2, "expected a segment"},
      {"/a/", 4, "expected a segment"},
      {"/a//b", 4, "expected a segment"},
      {"/:verb", 2, "expected a segment"},
      {"/a/:verb", 4, "expected a segment"},
      {"/a:", 4, "expected a verb"},
      {"/{x}:", 6, "expected a verb"},
      {"/a:b*", 5, "whole segments"},
      {"/a:{b}", 4, "whole segment"},
      {"/{}", 3, "expected a field name"},
      {"/{1}", 3, "expected a field name"},
      {"/{a.}", 5, "expected a field name"},
      {"/{.a}", 3, "expected a field name"},
      {"/{a..b}", 5, "expected a field name"},
      {"/{field-}", 8, "expected '=' or '}'"},
      {"/{name ", 7, "expected '=' or '}'"},
      {"/{name", 7, "expected '=' or '}'"},
      {"/{name=", 8, "expected a segment"},
      {"/{name=}", 8, "expected a segment"},
      {"/{name=a", 9, "expected '}'"},
      {"/{name=a/}", 10, "expected a segment"},
      {"/{name=/a}", 8, "expected a segment"},
      {"/{a={b}}", 5, "a variable in a variable"},
      {"/{a=b{c}}", 6, "a variable in a variable"},
      {"/{x=a:verb}", 6, "a ':' in a variable"},
      {"/{x=*:verb}", 6, "whole segments"},
      {"/{x}a", 5, "expected '/'"},
      {"/{x}{y}", 5, "expected '/'"},
      {"/a{x}", 3, "a variable is a whole segment"},
      {"/a}", 3, "'}' without its '{'"},
      {"/*}", 3, "expected '/'"},
      {"/***", 4, "whole segments"},
      {"/a*", 3, "whole segments"},
      {"/*a", 3, "whole segments"},
      {"/**/*", 5, "only literals may follow '**'"},
      {"/**/**", 5, "only literals may follow '**'"},
      {"/**/{x}", 5, "only literals may follow '**'"},
      {"/**/{x=a}", 5, "only literals may follow '**'"},
      {"/{x=**/*}", 8, "only literals may follow '**'"},
      {"/{x=**}/{y}", 9, "only literals may follow '**'"},
      {"/{x}/{x}", 7, "the variable 'x' a second time"},
      {"/a?b", 3, "a character that a path cannot hold"},
      {"/a#b", 3, "a character that a path cannot hold"},
      {"/a b", 3, "a character that a path cannot hold"},
      {"/a\tb", 3, "a character that a path cannot hold"},
      {"/a\\b", 3, "a character that a path cannot hold"},
      {"/caf\xc3\xa9", 5, "a character that a path cannot hold"},
      {std::string("/a\0", 3), 3, "a character that a path cannot hold"},
      {"/a%", 3, "a malformed percent escape"},
      {"/a%2", 3, "a malformed percent escape"},
      {"/a%zz", 3, "a malformed percent escape"},
      {"/a:b%zz", 5, "a malformed percent escape"},
      {"/{x=%2}", 5, "a malformed percent escape"},
      {"/a%00", 3, "an encoded NUL"},
      {"/a/.", 4, "'.' or '..'"},
      {"/../a", 2, "'.' or '..'"},
      {"/%2e%2e/a", 2, "'.' or '..'"},
      {"/{x=..}", 5, "'.' or '..'"},
  };
  for (const auto& c : kCases) {
    const auto parsed = PathTemplate::Parse(c.text);
    ASSERT_FALSE(parsed) << c.text << " is " << Show(*parsed);
    EXPECT_THAT(parsed.error(), StartsWith(fmt::format("column {}: ", c.column))) << c.text;
    EXPECT_THAT(parsed.error(), HasSubstr(c.reason)) << c.text;
  }
}

TEST(PathTemplate, TakesAMillionSegments) {
  std::string text;
  for (int i = 0; i < 1000000; ++i) text += "/a";
  const auto parsed = PathTemplate::Parse(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->segments.size(), 1000000u);
  EXPECT_FALSE(PathTemplate::Parse(std::string(1000000, '{')));
}

}  // namespace
}  // namespace puente
