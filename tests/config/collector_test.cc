#include "config/collector.h"

#include <gmock/gmock.h>

namespace puente {
namespace {

TEST(CollectorTest, Urls) {
  struct Case {
    std::string_view text;
    CollectorUrl url;
  };
  const Case cases[] = {
      {"http://127.0.0.1:4317", {false, "127.0.0.1", 4317, ""}},
      {"HTTPS://collector.example", {true, "collector.example", 0, ""}},
      {"https://collector.example/otlp/v1", {true, "collector.example", 0, "/otlp/v1"}},
      {"http://[::1]:4318/", {false, "::1", 4318, "/"}},
      {"http://[::1]", {false, "::1", 0, ""}},
  };
  for (const Case& c : cases) {
    const auto url = ParseCollectorUrl(c.text);
    ASSERT_TRUE(url) << c.text;
    EXPECT_EQ(*url, c.url) << c.text;
    EXPECT_EQ(*ParseCollectorUrl(ToString(*url)), c.url) << "and back";
  }
}

TEST(CollectorTest, WhatIsNoUrl) {
  for (const std::string_view text :
       {"", "collector:4317", "ftp://collector", "http://", "http://:4317", "http://c:0",
        "http://c:65536", "http://c:x", "http://u:secret@c:1", "http://c/?secret=1", "http://c/#x",
        "http://c/a b", "http://c:1:2", "http://c /", "http://[::1", "grpc://c:1", "http://c:"}) {
    const auto url = ParseCollectorUrl(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error(), testing::AllOf(testing::HasSubstr("expected a URL"),
                                            testing::Not(testing::HasSubstr("secret"))));
  }
}

TEST(CollectorTest, Headers) {
  EXPECT_EQ(CheckExportHeader("X-Api_Key.1", "a ~"), std::nullopt);
  EXPECT_EQ(CheckExportHeader("authorization", ""), std::nullopt);
  for (const std::string_view name : {"", ":path", "a b", "grpc-timeout", "Grpc-Status", "TE",
                                      "Host", "content-type", "\xc3\xa4"}) {
    EXPECT_NE(CheckExportHeader(name, "a"), std::nullopt) << name;
  }
  for (const std::string_view value : {"a\r\nb: c", "\t", "\x7f", "\xc3\xa4"}) {
    EXPECT_NE(CheckExportHeader("a", value), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace puente
