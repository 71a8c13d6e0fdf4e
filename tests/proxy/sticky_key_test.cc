#include "proxy/traffic/sticky_key.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

namespace puente {
namespace {

config::Sticky Header(const std::string& name) {
  config::Sticky sticky;
  sticky.set_header(name);
  return sticky;
}

config::Sticky Cookie(const std::string& name) {
  config::Sticky sticky;
  sticky.set_cookie(name);
  return sticky;
}

config::Sticky Claim(const std::string& name) {
  config::Sticky sticky;
  sticky.set_jwt_claim(name);
  return sticky;
}

// The key of a request with these headers; "-" where it has none.
std::string KeyOf(const config::Sticky& sticky, const std::vector<HeaderView>& headers) {
  return StickyKey(sticky).Of(headers).value_or("-");
}

TEST(StickyKey, IsTheValueOfAHeader) {
  EXPECT_EQ(KeyOf(Header("x-user-id"), {{"x-other", "b"}, {"X-User-Id", "a"}}), "a");
  EXPECT_EQ(KeyOf(Header("X-User-ID"), {{"x-user-id", "a"}}), "a");
  EXPECT_EQ(KeyOf(Header("x-user-id"), {{"x-user-id", "a"}, {"x-user-id", "b"}}), "a");
  EXPECT_EQ(KeyOf(Header("x-user-id"), {{"x-user-id", ""}}), "-");
  EXPECT_EQ(KeyOf(Header("x-user-id"), {{"x-user", "a"}, {"x-user-id-2", "a"}}), "-");
  EXPECT_EQ(KeyOf(Header("x-user-id"), {}), "-");
}

TEST(StickyKey, IsTheValueOfACookie) {
  const struct {
    const char* cookie;
    const char* key;
  } kCases[] = {
      {"session=a", "a"},
      {"other=b; session=a; more=c", "a"},
      {"other=b;session=a", "a"},
      {"session=a; session=b", "a"},
      {"session=a=b==", "a=b=="},
      {"Session=a", "-"},  // names of cookies tell case apart
      {"mysession=a", "-"},
      {"session", "-"},
      {"session=", "-"},
      {"=a", "-"},
      {";;; ;", "-"},
      {"", "-"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(KeyOf(Cookie("session"), {{"Cookie", c.cookie}}), c.key) << c.cookie;
  }
  EXPECT_EQ(KeyOf(Cookie("session"), {{"cookie", "other=b"}, {"cookie", "session=a"}}), "a");
  EXPECT_EQ(KeyOf(Cookie("session"), {{"set-cookie", "session=a"}}), "-");
}

TEST(StickyKey, IsAClaimOfTheBearerToken) {
  const struct {
    const char* credentials;
    const char* key;
  } kCases[] = {
      // {"sub":"user-1","n":7,"ok":true,"list":[1],"none":null,"empty":""}
      {"Bearer "
       "e30.eyJzdWIiOiJ1c2VyLTEiLCJuIjo3LCJvayI6dHJ1ZSwibGlzdCI6WzFdLCJub25lIjpudWxsLCJlbXB0e"
       "SI6IiJ9.c2ln",
       "user-1"},
      {"bearer  e30.eyJzdWIiOiJ1c2VyLTEifQ.", "user-1"},  // unsigned
      {"Bearer not-looked-at.eyJzdWIiOiJ1c2VyLTEifQ.x", "user-1"},
      {"Bearer e30.eyJzdWIiOiJcdTAwZTlcbiJ9.x", "\xc3\xa9\n"},  // {"sub":"\u00e9\n"}
      {"Bearer e30.eyJzdWIiOjd9.x", "7"},                       // {"sub":7}
      {"Bearer e30.e30.x", "-"},                                // {}
      {"Bearer e30.W10.x", "-"},                                // []
      {"Bearer e30.eyJzdWIiOiIifQ.x", "-"},                     // {"sub":""}
      {"Bearer e30.eyJzdWIiOm51bGx9.x", "-"},                   // {"sub":null}
      {"Bearer e30.eyJzdWIiOlsxXX0.x", "-"},                    // {"sub":[1]}
      {"Bearer e30.eyJzdWIiOiJ1c2VyLTEi.x", "-"},               // not all of it
      {"Bearer e30.!!!!.x", "-"},
      {"Bearer e30.eyJzdWIiOiJ1c2VyLTEifQ", "-"},  // two parts
      {"Bearer ", "-"},
      {"Bearer", "-"},
      {"Basic e30.eyJzdWIiOiJ1c2VyLTEifQ.x", "-"},
      {"", "-"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(KeyOf(Claim("sub"), {{"Authorization", c.credentials}}), c.key) << c.credentials;
  }
  EXPECT_EQ(KeyOf(Claim("sub"), {}), "-");
}

TEST(StickyKey, DoesNotLookIntoTokensWithoutEnd) {
  const std::string token = "Bearer e30.eyJzdWIiOiJ1c2VyLTEifQ." + std::string(20'000, 'x');
  EXPECT_EQ(KeyOf(Claim("sub"), {{"authorization", token}}), "-");
}

}  // namespace
}  // namespace puente
