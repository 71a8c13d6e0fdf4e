#include "config/check_tracing.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load_config.h"

namespace puente {
namespace {

using ::testing::ElementsAreArray;

constexpr std::string_view kRest =
    "listeners: [{address: '127.0.0.1:8080'}]\n"
    "descriptors: {files: [api.pb]}\n"
    "upstreams: [{name: b, grpc: {target: 'b:1'}}]\n";
constexpr std::string_view kNoUrl =
    "otlp_endpoint: expected a URL such as `http://127.0.0.1:4317` or "
    "`https://collector.example`, without user name and query";

struct Case {
  std::string_view section;
  std::vector<std::string> problems;  // behind "4: telemetry.tracing."
};

void ExpectProblems(const Case& c) {
  const LoadResult result =
      ParseConfig(fmt::format("{}telemetry: {{tracing: {}}}\n", kRest, c.section), "f",
                  [](std::string_view) -> std::optional<std::string> { return {}; });
  std::vector<std::string> found;
  for (const Problem& problem : result.problems) {
    found.push_back(fmt::format("{}: {}: {}", problem.line, problem.key, problem.message));
  }
  std::vector<std::string> expected;
  for (const std::string& problem : c.problems)
    expected.push_back("4: telemetry.tracing." + problem);
  EXPECT_THAT(found, ElementsAreArray(expected)) << c.section;
}

TEST(CheckTracingTest, Endpoint) {
  const Case cases[] = {
      {"{}", {}},
      {"{otlp_endpoint: 'http://127.0.0.1:4317', otlp_protocol: GRPC}", {}},
      {"{otlp_endpoint: 'https://collector.example/otlp', otlp_protocol: HTTP}", {}},
      {"{otlp_endpoint: 'collector:4317'}", {std::string(kNoUrl)}},
      {"{otlp_endpoint: ''}", {std::string(kNoUrl)}},
  };
  for (const Case& c : cases) ExpectProblems(c);
}

TEST(CheckTracingTest, Headers) {
  struct HeaderCase {
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::string> problems;  // behind "telemetry.tracing.otlp_headers"
  };
  const HeaderCase cases[] = {
      {{{"Authorization", "Bearer abc"}, {"x-scope", ""}}, {}},
      {{{"a b", "x"}}, {".a b: a header's name is made of letters, digits, `-`, `_` and `.`"}},
      {{{"a\nb", "x"}}, {": a header's name is made of letters, digits, `-`, `_` and `.`"}},
      {{{"grpc-timeout", "1S"}},
       {".grpc-timeout: this header is not for the configuration to set"}},
      {{{"x-name", "J\xc3\xb6rg"}}, {".x-name: the value of a header must be printable ASCII"}},
      {{{"X-A", "a"}, {"x-a", "b"}},
       {".x-a: this header is here twice, in upper and in lower case"}},
  };
  for (const HeaderCase& c : cases) {
    config::Tracing tracing;
    for (const auto& [name, value] : c.headers) (*tracing.mutable_otlp_headers())[name] = value;
    Findings findings("f");
    CheckTracing(tracing, findings);
    std::vector<std::string> found;
    for (const Problem& problem : findings.problems()) {
      found.push_back(fmt::format("{}: {}", problem.key, problem.message));
    }
    std::vector<std::string> expected;
    for (const std::string& problem : c.problems) {
      expected.push_back("telemetry.tracing.otlp_headers" + problem);
    }
    EXPECT_THAT(found, ElementsAreArray(expected));
  }
}

TEST(CheckTracingTest, TheRest) {
  const Case cases[] = {
      {"{otlp_tls: {ca: c}}", {}},
      {"{otlp_endpoint: 'https://c', otlp_tls: {certificate: c, private_key: k}}", {}},
      {"{otlp_endpoint: 'https://c', otlp_tls: {certificate: c}}",
       {"otlp_tls.private_key: is missing; certificate needs it"}},
      {"{otlp_endpoint: 'https://c', otlp_tls: {private_key: k}}",
       {"otlp_tls.certificate: is missing; private_key needs it"}},
      {"{otlp_endpoint: 'http://c', otlp_tls: {ca: c}}",
       {"otlp_tls: has no effect, because otlp_endpoint is not https"}},
      {"{sample_ratio: 0.1, service_name: shop}", {}},
      {"{sample_ratio: 1.1}", {"sample_ratio: must be at most 1"}},
      {"{service_name: ''}", {"service_name: must not be empty"}},
  };
  for (const Case& c : cases) ExpectProblems(c);
}

}  // namespace
}  // namespace puente
