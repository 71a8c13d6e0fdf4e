// Cross-origin requests (Fetch Standard, section 3.2).
#include "proxy/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace puente {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Cors MakeCors(const std::vector<std::string>& origins, const std::vector<std::string>& methods = {},
              const std::vector<std::string>& headers = {}) {
  config::Cors config;
  for (const auto& origin : origins) config.add_allow_origins(origin);
  for (const auto& method : methods) config.add_allow_methods(method);
  for (const auto& header : headers) config.add_allow_headers(header);
  config.mutable_max_age()->set_seconds(600);
  return Cors(config);
}

constexpr bool kTls = true;
constexpr bool kPlain = false;

struct Request {
  Request(std::initializer_list<HeaderView> headers) {
    head.host = "api.example";
    head.headers = headers;
  }
  RequestHead head;
};

TEST(Cors, AllowsTheOwnOriginAndThoseOfTheList) {
  const Cors cors = MakeCors({"https://App.example", "http://localhost:3000"});
  const std::vector<std::pair<std::string, bool>> cases = {
      {"https://app.example", true},
      {"http://localhost:3000", true},
      {"http://app.example", false},
      {"https://app.example:8443", false},
      {"https://evil.app.example", false},
      {"https://app.example.evil", false},
      {"http://api.example", true},
      {"https://API.example", true},
      {"http://api.example:8080", false},
      {"null", false},
      {"", false},
      {"api.example", false},
  };
  for (const auto& [origin, allowed] : cases) {
    EXPECT_EQ(cors.Allows(Request({{"Origin", origin}}).head, kPlain), allowed) << origin;
  }
  EXPECT_TRUE(cors.Allows(Request({}).head, kTls)) << "no page, no origin";
  EXPECT_TRUE(MakeCors({"*"}).Allows(Request({{"Origin", "null"}}).head, kTls));
}

TEST(Cors, OwnOriginHasTheSchemeAndThePort) {
  const struct {
    std::string origin, host;
    bool allowed_plain, allowed_tls;
  } kCases[] = {
      {"https://api.example", "api.example", true, true},
      {"https://api.example", "api.example:443", true, true},
      {"https://api.example:443", "API.example", true, true},
      {"https://api.example", "api.example:80", false, false},
      {"https://api.example:80", "api.example", false, false},
      {"https://api.example:8443", "api.example:8443", true, true},
      {"http://api.example", "api.example", true, false},
      {"http://api.example", "api.example:80", true, false},
      {"http://api.example:80", "api.example", true, false},
      {"http://api.example:443", "api.example", false, false},
      {"http://api.example:8080", "api.example:8080", true, false},
      {"ftp://api.example", "api.example", false, false},
      {"://api.example", "api.example", false, false},
  };
  for (const auto& test : kCases) {
    Request request({{"Origin", test.origin}});
    request.head.host = test.host;
    EXPECT_EQ(Cors().Allows(request.head, kPlain), test.allowed_plain) << test.origin << test.host;
    EXPECT_EQ(Cors().Allows(request.head, kTls), test.allowed_tls) << test.origin << test.host;
  }
}

TEST(Cors, SeveralOriginsAreNone) {
  const Request request({{"Origin", "https://app.example"},
                         {"origin", "https://app.example"},
                         {"Access-Control-Request-Method", "POST"}});
  const Cors cors = MakeCors({"https://app.example"});
  EXPECT_FALSE(cors.Allows(request.head, kPlain));
  EXPECT_FALSE(MakeCors({"*"}).Allows(request.head, kPlain));
  EXPECT_THAT(cors.HeadersFor(request.head), ElementsAre(Header{"Vary", "Origin"}));
  EXPECT_THAT(cors.PreflightHeadersFor(request.head, "POST"), IsEmpty());
}

TEST(Cors, AddsNothingUnlessConfigured) {
  const Request request(
      {{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "GET"}});
  EXPECT_THAT(Cors().HeadersFor(request.head), IsEmpty());
  EXPECT_THAT(Cors().PreflightHeadersFor(request.head, "GET"), IsEmpty());
}

TEST(Cors, TellsTheBrowserWhoMayRead) {
  const Request known({{"origin", "https://app.example"}});
  const Request unknown({{"Origin", "https://evil.example"}});
  const Header vary{"Vary", "Origin"};
  const Header expose{"Access-Control-Expose-Headers", "*"};
  const Cors listed = MakeCors({"https://app.example"});
  EXPECT_THAT(
      listed.HeadersFor(known.head),
      ElementsAre(vary, Header{"Access-Control-Allow-Origin", "https://app.example"}, expose));
  EXPECT_THAT(listed.HeadersFor(unknown.head), ElementsAre(vary));
  EXPECT_THAT(listed.HeadersFor(Request({}).head), ElementsAre(vary));
  EXPECT_THAT(MakeCors({"*"}).HeadersFor(unknown.head),
              ElementsAre(Header{"Access-Control-Allow-Origin", "*"}, expose));
}

TEST(Cors, AnswersAPreflight) {
  const Request asks({{"Origin", "https://app.example"},
                      {"Access-Control-Request-Method", "POST"},
                      {"Access-Control-Request-Headers", "content-type,x-user"}});
  const Header age{"Access-Control-Max-Age", "600"};
  EXPECT_THAT(MakeCors({"*"}).PreflightHeadersFor(asks.head, "GET, POST"),
              ElementsAre(Header{"Access-Control-Allow-Methods", "GET, POST"},
                          Header{"Access-Control-Allow-Headers", "content-type,x-user"}, age));
  EXPECT_THAT(
      MakeCors({"*"}, {"GET"}, {"content-type", "x-b"}).PreflightHeadersFor(asks.head, "GET, POST"),
      ElementsAre(Header{"Access-Control-Allow-Methods", "GET"},
                  Header{"Access-Control-Allow-Headers", "content-type, x-b"}, age));
  EXPECT_THAT(MakeCors({"https://else.example"}).PreflightHeadersFor(asks.head, "GET"), IsEmpty());
  const Request plain({{"Origin", "https://app.example"}});
  EXPECT_THAT(MakeCors({"*"}).PreflightHeadersFor(plain.head, "GET"), IsEmpty());
}

}  // namespace
}  // namespace puente
