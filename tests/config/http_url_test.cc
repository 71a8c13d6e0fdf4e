#include "config/http_url.h"

#include <gmock/gmock.h>

#include <string_view>

namespace puente {
namespace {

TEST(ParseHttpUrl, ReadsServersAndPaths) {
  struct Case {
    std::string_view text;
    HttpUrl url;
  };
  const Case kCases[] = {
      {"http://127.0.0.1:8080", {false, "127.0.0.1", 8080, ""}},
      {"https://billing.example", {true, "billing.example", 443, ""}},
      {"http://billing", {false, "billing", 80, ""}},
      {"HTTP://billing:1/", {false, "billing", 1, ""}},
      {"https://[::1]/v1/api", {true, "::1", 443, "/v1/api"}},
      {"http://[::1]:65535/v1//", {false, "::1", 65535, "/v1"}},
      {"http://a_b/%20;x", {false, "a_b", 80, "/%20;x"}},
  };
  for (const Case& c : kCases) {
    const auto url = ParseHttpUrl(c.text);
    ASSERT_TRUE(url) << c.text << ": " << url.error();
    EXPECT_EQ(*url, c.url) << c.text;
  }
}

TEST(ParseHttpUrl, RefusesOthers) {
  for (const std::string_view text : {"",
                                      "billing",
                                      "billing:80",
                                      "//billing",
                                      "ftp://billing",
                                      "http://",
                                      "http:///",
                                      "http://:80",
                                      "http://a:",
                                      "http://a:0",
                                      "http://a:080",
                                      "http://a:65536",
                                      "http://a:x",
                                      "http://::1",
                                      "http://[::1",
                                      "http://[a]",
                                      "http://u:p@a",
                                      "http://u@a",
                                      "http://a?b",
                                      "http://a/b?c",
                                      "http://a/#b",
                                      "http://a/b c",
                                      "http://a/\xc3\xa9",
                                      "http://a b",
                                      "http://a/\n",
                                      " http://a"}) {
    const auto url = ParseHttpUrl(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error(), testing::HasSubstr("expected a URL")) << text;
  }
}

TEST(IsUrlPath, KnowsPaths) {
  for (const std::string_view path : {"/", "/healthz", "/a/b;c=%20"}) EXPECT_TRUE(IsUrlPath(path));
  for (const std::string_view path : {"", "healthz", "/a?b", "/a#b", "/a b", "/\x7f"}) {
    EXPECT_FALSE(IsUrlPath(path)) << path;
  }
}

}  // namespace
}  // namespace puente
