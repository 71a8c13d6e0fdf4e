#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load_config.h"

namespace puente {
namespace {

// "key: message" of what is wrong with the HTTP upstream `http`, beside a good configuration.
std::vector<std::string> ProblemsOf(std::string_view http) {
  const std::string text = fmt::format(
      "listeners: [{{address: '127.0.0.1:8080'}}]\n"
      "descriptors: {{files: [api.pb]}}\n"
      "upstreams: [{{name: a, grpc: {{target: 'a:1'}}}}, {{name: b, http: {}}}]\n",
      http);
  const LoadResult result =
      ParseConfig(text, "f", [](std::string_view) -> std::optional<std::string> { return {}; });
  std::vector<std::string> texts;
  for (const Problem& problem : result.problems) {
    texts.push_back(fmt::format("{}: {}", problem.key, problem.message));
  }
  return texts;
}

TEST(CheckHttpUpstream, FindsWhatIsWrong) {
  constexpr std::string_view kNoUrl =
      "expected a URL such as `http://127.0.0.1:8080` or `https://billing.example/v1`, without "
      "user name and query";
  const std::string kDiffers = "differs from the others in more than host and port";
  struct Case {
    std::string_view http;
    std::vector<std::string> problems;
  };
  const Case kCases[] = {
      {"{url: 'http://b:1'}", {}},
      {"{url: 'https://b/v1', tls: {ca: c}}", {}},
      {"{urls: ['http://b:1/v1', 'http://c/v1/']}", {}},
      {"{url: 'http://b:1', health_check: {path: /healthz}}", {}},
      {"{}", {"upstreams[1].http: needs `url` or `urls`"}},
      {"{url: 'http://b', urls: ['http://b']}",
       {"upstreams[1].http.urls: only one of `url` and `urls` may be given"}},
      {"{url: 'b:1'}", {fmt::format("upstreams[1].http.url: {}", kNoUrl)}},
      {"{urls: ['http://b', 'http://b?x']}",
       {fmt::format("upstreams[1].http.urls[1]: {}", kNoUrl)}},
      {"{urls: ['http://b', 'https://c']}", {"upstreams[1].http.urls[1]: " + kDiffers}},
      {"{urls: ['http://b/v1', 'http://c/v2']}", {"upstreams[1].http.urls[1]: " + kDiffers}},
      {"{url: 'http://b', tls: {}}",
       {"upstreams[1].http.tls: has no effect, because the URL is not https"}},
      {"{url: 'https://b', tls: {certificate: c}}",
       {"upstreams[1].http.tls.private_key: is missing; certificate needs it"}},
      {"{url: 'http://b', health_check: {path: healthz}}",
       {"upstreams[1].http.health_check.path: expected a path, such as `/healthz`"}},
  };
  for (const Case& c : kCases) {
    EXPECT_THAT(ProblemsOf(c.http), testing::ElementsAreArray(c.problems)) << c.http;
  }
}

}  // namespace
}  // namespace puente
