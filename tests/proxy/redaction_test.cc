#include "proxy/telemetry/redaction.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/defaults.h"

namespace puente {
namespace {

using Names = std::vector<std::string>;

Redaction RedactionOf(const Names& headers, const Names& query = {}, const Names& variables = {}) {
  config::AccessLog config;
  for (const std::string& name : headers) config.add_redact_headers(name);
  for (const std::string& name : query) config.add_redact_query(name);
  for (const std::string& name : variables) config.add_redact_path_variables(name);
  return Redaction(config);
}

TEST(RedactionOfHeaders, CaseDoesNotCount) {
  const Redaction redaction = RedactionOf({"X-Api-Key", "traceparent"});
  EXPECT_TRUE(redaction.HidesHeader("x-api-key"));
  EXPECT_TRUE(redaction.HidesHeader("X-API-KEY"));
  EXPECT_FALSE(redaction.HidesHeader("x-api-keys"));
  EXPECT_FALSE(redaction.HidesHeader(""));
  EXPECT_FALSE(redaction.HidesHeader("authorization"));
  EXPECT_TRUE(redaction.hidden_ids().trace_id);
  EXPECT_FALSE(redaction.hidden_ids().request_id);
  EXPECT_TRUE(RedactionOf({"X-Request-ID"}).hidden_ids().request_id);
  EXPECT_TRUE(RedactionOf({"X-B3-TraceId"}).hidden_ids().trace_id);
}

TEST(RedactionOfHeaders, WithoutASectionTheDefaultsHold) {
  const Redaction redaction = Redaction::For(config::Telemetry());
  EXPECT_TRUE(redaction.HidesHeader("Authorization"));
  EXPECT_TRUE(redaction.HidesHeader("cookie"));
  EXPECT_FALSE(redaction.HidesHeader("user-agent"));
  EXPECT_EQ(redaction.Path("/v1/a", nullptr), "/v1/a");

  config::Telemetry telemetry;
  telemetry.mutable_access_log()->add_redact_headers("user-agent");
  EXPECT_TRUE(Redaction::For(telemetry).HidesHeader("User-Agent"));
  EXPECT_FALSE(Redaction::For(telemetry).HidesHeader("cookie"));
}

TEST(RedactionOfQueries, HidesTheValuesOfWhatIsListed) {
  struct Case {
    std::string_view query;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {"", ""},
      {"a=1", "a=1"},
      {"token=s", "token=REDACTED"},
      {"a=1&token=s&b=%32", "a=1&token=REDACTED&b=%32"},
      {"token=s&token=t", "token=REDACTED&token=REDACTED"},
      {"token=s=t", "token=REDACTED"},
      {"token=", "token=REDACTED"},
      {"token", "token"},
      {"TOKEN=s", "TOKEN=REDACTED"},
      {"t%6fken=s", "t%6fken=REDACTED"},
      {"%74%6F%6B%65%6E=s", "%74%6F%6B%65%6E=REDACTED"},
      {"t%256fken=s", "t%256fken=s"},
      {"tokens=1&atoken=2", "tokens=1&atoken=2"},
      {"token.part=s&token[key]=s", "token.part=REDACTED&token[key]=REDACTED"},
      {"token%5Bkey%5D=s", "token%5Bkey%5D=REDACTED"},
      {"apiKey=s&api_key=s&a_p_ikey=s", "apiKey=REDACTED&api_key=REDACTED&a_p_ikey=REDACTED"},
      {"a+b=s&a%20b=s", "a+b=REDACTED&a%20b=REDACTED"},
      {"&&a=1&", "&&a=1&"},
      {"=s&a==", "=s&a=="},
      {"tok%en=1&%=2&%4=3", "tok%en=1&%=2&%4=3"},
      {"a=token=s", "a=token=s"},
      {"X-Amz-Signature=s&X-Amz-Credential=s&X-Amz-Security-Token=s&X-Amz-Date=1",
       "X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&X-Amz-Security-Token=REDACTED"
       "&X-Amz-Date=1"},
      {"AWSAccessKeyId=s&Signature=s&sig=s&X-Goog-Signature=s&signed=1",
       "AWSAccessKeyId=REDACTED&Signature=REDACTED&sig=REDACTED&X-Goog-Signature=REDACTED"
       "&signed=1"},
  };
  const Redaction redaction = RedactionOf({}, {"token", "api_key", "a b"});
  for (const Case& c : kCases) EXPECT_EQ(redaction.Query(c.query), c.text) << c.query;
}

TEST(RedactionOfQueries, HidesCredentialsWhateverIsListed) {
  EXPECT_EQ(RedactionOf({}).Query("token=s&sig=s&page=2&accessToken=s&API_KEY=s&tokens=2"),
            "token=REDACTED&sig=REDACTED&page=2&accessToken=REDACTED&API_KEY=REDACTED&tokens=2");
}

TEST(RedactionOfPaths, HidesWhatListedVariablesCapture) {
  struct Case {
    std::string_view path_template;
    std::string_view path;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {"/v1/keys/{token}", "/v1/keys/s", "/v1/keys/REDACTED"},
      {"/v1/keys/{token}", "/v1/keys/s%2Ft", "/v1/keys/REDACTED"},
      {"/v1/%6beys/{token}", "/v1/k%65ys/s", "/v1/k%65ys/REDACTED"},
      {"/v1/keys/{token}:use", "/v1/keys/s:use", "/v1/keys/REDACTED:use"},
      {"/v1/keys/{token}:use", "/v1/keys/s:t:%75se", "/v1/keys/REDACTED:%75se"},
      {"/v1/keys/{token}", "/v1/keys/s:use", "/v1/keys/REDACTED"},
      {"/v1/{user}/keys/{token}/x", "/v1/u/keys/s/x", "/v1/u/keys/REDACTED/x"},
      {"/v1/{token}/{auth.key}/{user}", "/v1/s/t/u", "/v1/REDACTED/REDACTED/u"},
      {"/v1/{auth}", "/v1/a", "/v1/a"},
      {"/v1/{token.part}", "/v1/s", "/v1/REDACTED"},
      {"/v1/{to_ken}", "/v1/s", "/v1/REDACTED"},
      {"/v1/{token=shelves/*/books/*}", "/v1/shelves/s/books/t", "/v1/REDACTED"},
      {"/v1/{token=shelves/*/books/*}:use", "/v1/shelves/s/books/t:use", "/v1/REDACTED:use"},
      {"/v1/{token=**}", "/v1/s/t//u", "/v1/REDACTED"},
      {"/v1/{token=**}", "/v1/s/", "/v1/REDACTED"},
      {"/v1/{token=**}", "/v1", "/v1"},
      {"/v1/{token=**}/end", "/v1/s/t/end", "/v1/REDACTED/end"},
      {"/v1/{token=**}/end", "/v1/end", "/v1/end"},
      {"/v1/{token=**}/end", "/v1/end/end", "/v1/REDACTED/end"},
      {"/v1/{token=a/**}/end", "/v1/a/end", "/v1/REDACTED/end"},
      {"/v1/{token}/**", "/v1/s/t/u", "/v1/REDACTED/t/u"},
      // A slash at the end may be ignored.
      {"/v1/keys/{token}", "/v1/keys/s/", "/v1/keys/REDACTED/"},
      {"/v1/keys/{token}:use", "/v1/keys/s:use/", "/v1/keys/REDACTED:use/"},
      {"/v1/{token=**}/end", "/v1/s/end/", "/v1/REDACTED/end/"},
      // Not of this template.
      {"/v1/keys/{token}", "/v1/keys/s/t", "REDACTED"},
      {"/v1/keys/{token}", "/v1/locks/s", "REDACTED"},
      {"/v1/keys/{token}", "/", "REDACTED"},
      {"/v1/keys/{token}", "", "REDACTED"},
      {"/v1/keys/{token}:use", "/v1/keys/s", "REDACTED"},
      {"/v1/{token=**}/end", "/v1/s", "REDACTED"},
      // Without a variable that is listed.
      {"/v1/keys/{user}", "/v1/keys/u/v", "/v1/keys/u/v"},
      {"/", "/", "/"},
  };
  const Redaction redaction = RedactionOf({}, {}, {"token", "auth.key"});
  for (const Case& c : kCases) {
    const auto parsed = PathTemplate::Parse(c.path_template);
    ASSERT_TRUE(parsed) << c.path_template << " " << parsed.error();
    EXPECT_EQ(redaction.Path(c.path, &*parsed), c.text) << c.path_template << " " << c.path;
  }
}

TEST(RedactionOfPaths, HidesAllOfAPathWithoutARoute) {
  EXPECT_EQ(RedactionOf({}, {}, {"token"}).Path("/v1/keys/s", nullptr), "REDACTED");
  EXPECT_EQ(RedactionOf({"cookie"}, {"token"}).Path("/v1/keys/s", nullptr), "/v1/keys/s");
}

}  // namespace
}  // namespace puente
