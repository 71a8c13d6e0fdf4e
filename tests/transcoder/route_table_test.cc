#include "transcoder/route_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/transcoder/route_fixture.h"

namespace puente {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MakeRoutes;
using testing::MakeTable;
using testing::Show;

struct Case {
  std::vector<std::string> routes;  // "GET /v1/{id}"
  std::string request;              // "GET /v1/7"
  std::string expected;             // "GET /v1/{id} id=7", "405 GET, HEAD, OPTIONS" or "404"
};

void Check(const std::vector<Case>& cases, RouteTableOptions options = {}) {
  for (const Case& c : cases) {
    const auto table = MakeTable(c.routes, options);
    ASSERT_TRUE(table) << ::testing::PrintToString(table.error());
    const std::size_t space = c.request.find(' ');
    EXPECT_EQ(Show(table->Match(c.request.substr(0, space), c.request.substr(space + 1))),
              c.expected)
        << c.request << " among " << fmt::format("{}", fmt::join(c.routes, ", "));
  }
}

TEST(RouteTable, MatchesLiteralsAndWildcards) {
  Check({
      {{}, "GET /", "404"},
      {{"GET /"}, "GET /", "GET /"},
      {{"GET /"}, "GET /a", "404"},
      {{"GET /"}, "GET //", "404"},
      {{"GET /a"}, "GET /", "404"},
      {{"GET /a"}, "GET /a", "GET /a"},
      {{"GET /a"}, "GET /A", "404"},
      {{"GET /a"}, "GET /a/", "404"},
      {{"GET /a"}, "GET //a", "404"},
      {{"GET /a/b"}, "GET /a", "404"},
      {{"GET /v1/{id}"}, "GET /v1/7", "GET /v1/{id} id=7"},
      {{"GET /v1/{id}"}, "GET /v1/7/8", "404"},
      {{"GET /v1/*/x/{id}"}, "GET /v1/any/x/7", "GET /v1/*/x/{id} id=7"},
      {{"GET /v1/{a}/b/{c}"}, "GET /v1/1/b/2", "GET /v1/{a}/b/{c} a=1 c=2"},
      {{"GET /{name=shelves/*/books/*}"},
       "GET /shelves/1/books/2",
       "GET /{name=shelves/*/books/*} name=shelves/1/books/2"},
      {{"GET /{kind=book}/{id}"}, "GET /book/1", "GET /{kind=book}/{id} kind=book id=1"},
  });
}

// Rule 7: "*" never matches an empty segment, "**" keeps it.
TEST(RouteTable, EmptySegments) {
  Check({
      {{"GET /v1/{id}"}, "GET /v1/", "404"},
      {{"GET /v1/{id}"}, "GET /v1/a/", "404"},
      {{"GET /v1/{id}"}, "GET /v1//", "404"},
      {{"GET /v1/{id}/x"}, "GET /v1//x", "404"},
      {{"GET /*"}, "GET /", "404"},
      {{"GET /files/{p=**}"}, "GET /files//a/", "GET /files/{p=**} p=/a/"},
      {{"GET /files/{p=**}"}, "GET /files/", "GET /files/{p=**} p="},
      {{"GET /files/{p=**}"}, "GET /files", "GET /files/{p=**} p="},
      {{"GET /files/{p=**}"}, "GET /files//", "GET /files/{p=**} p=/"},
      {{"GET /files/{p=**}"}, "GET /filesystem", "404"},
      {{"GET /{p=files/**}"}, "GET /files", "GET /{p=files/**} p=files"},
      {{"GET /{p=files/**}"}, "GET /files/", "GET /{p=files/**} p=files/"},
      {{"GET /{p=files/**}"}, "GET /files/a//b", "GET /{p=files/**} p=files/a//b"},
      {{"GET /{p=**}"}, "GET /", "GET /{p=**} p="},
      {{"GET /{p=**}"}, "GET //", "GET /{p=**} p=/"},
      {{"GET /{p=**}"}, "GET /a", "GET /{p=**} p=a"},
      {{"GET /a/{p=**}/z"}, "GET /a/z", "GET /a/{p=**}/z p="},
      {{"GET /a/{p=**}/z"}, "GET /a//z", "GET /a/{p=**}/z p="},
      {{"GET /a/{p=**}/z"}, "GET /a/b/c/z", "GET /a/{p=**}/z p=b/c"},
      {{"GET /a/{p=**}/z"}, "GET /a/z/", "404"},
      {{"GET /a/{p=**}/z"}, "GET /a", "404"},
      {{"GET /a/{p=b/**/y}/z"}, "GET /a/b/1/2/y/z", "GET /a/{p=b/**/y}/z p=b/1/2/y"},
      {{"GET /a/{p=b/**/y}/z"}, "GET /a/b/y/z", "GET /a/{p=b/**/y}/z p=b/y"},
      {{"GET /a/**/a"}, "GET /a", "404"},
      {{"GET /a/**/a"}, "GET /a/a", "GET /a/**/a"},
  });
}

// Rule 7: literal over "*" over "**", with backtracking.
TEST(RouteTable, PrefersTheMoreLiteralTemplate) {
  Check({
      {{"GET /v1/{id}", "GET /v1/me"}, "GET /v1/me", "GET /v1/me"},
      {{"GET /v1/{id}", "GET /v1/me"}, "GET /v1/7", "GET /v1/{id} id=7"},
      {{"GET /{p=**}", "GET /{id}"}, "GET /a", "GET /{id} id=a"},
      {{"GET /{p=**}", "GET /{id}"}, "GET /a/b", "GET /{p=**} p=a/b"},
      {{"GET /a/{x}", "GET /{y}/b"}, "GET /a/b", "GET /a/{x} x=b"},
      {{"GET /a/{p=**}", "GET /{y}/b"}, "GET /a/b", "GET /a/{p=**} p=b"},
      {{"GET /a/b/c", "GET /a/{x}/d", "GET /{y=**}"}, "GET /a/b/d", "GET /a/{x}/d x=b"},
      {{"GET /a/b/c", "GET /a/{x}/d", "GET /{y=**}"}, "GET /a/b/e", "GET /{y=**} y=a/b/e"},
      {{"GET /a/b/c", "GET /{x}/b/d"}, "GET /a/b/d", "GET /{x}/b/d x=a"},
      {{"GET /a/{x=**}", "GET /a/{x=**}/z", "GET /a/{x=**}/y/z"},
       "GET /a/b/y/z",
       "GET /a/{x=**}/y/z x=b"},
      {{"GET /a/{x=**}", "GET /a/{x=**}/z", "GET /a/{x=**}/y/z"},
       "GET /a/b/z",
       "GET /a/{x=**}/z x=b"},
      {{"GET /a/{x=**}", "GET /a/{x=**}/z", "GET /a/{x=**}/y/z"}, "GET /a/b", "GET /a/{x=**} x=b"},
      {{"GET /a", "GET /a/{x=**}"}, "GET /a", "GET /a"},
      {{"GET /a/{x=**}", "GET /a/*"}, "GET /a/", "GET /a/{x=**} x="},
      {{"GET /foo/bar/baz/buzz", "GET /foo/bar/{name}", "GET /foo/bar/{name}/{next}"},
       "GET /foo/bar/baz/buzz",
       "GET /foo/bar/baz/buzz"},
  });
}

// Rule 7: backtracking takes the HTTP method in; rule 2: 405 names every method of the path.
TEST(RouteTable, AMoreLiteralTemplateDoesNotHideTheMethodOfAnother) {
  Check({
      {{"GET /v1/me", "PUT /v1/{id}"}, "PUT /v1/me", "PUT /v1/{id} id=me"},
      {{"GET /v1/me", "PUT /v1/{id}", "DELETE /{p=**}"}, "DELETE /v1/me", "DELETE /{p=**} p=v1/me"},
      {{"GET /v1/me", "PUT /v1/{id}", "DELETE /{p=**}"},
       "POST /v1/me",
       "405 DELETE, GET, HEAD, OPTIONS, PUT"},
      {{"GET /a/{x=**}/z", "PUT /a/{x=**}"}, "PUT /a/b/z", "PUT /a/{x=**} x=b/z"},
      {{"POST /a"}, "GET /a", "405 OPTIONS, POST"},
      {{"GET /a"}, "POST /b", "404"},
      {{"GET /a"}, "get /a", "405 GET, HEAD, OPTIONS"},
      {{"POST /{id}:go", "GET /{id}"}, "PUT /a:go", "405 GET, HEAD, OPTIONS, POST"},
      {{"POST /{id}:go", "GET /{id}"}, "PUT /a", "405 GET, HEAD, OPTIONS"},
  });
}

TEST(RouteTable, HeadIsServedByGetUnlessItHasARouteOfItsOwn) {
  Check({
      {{"GET /a"}, "HEAD /a", "GET /a"},
      {{"GET /a", "HEAD /a"}, "HEAD /a", "HEAD /a"},
      {{"GET /a", "* /a"}, "HEAD /a", "GET /a"},
      {{"* /a"}, "HEAD /a", "* /a"},
      {{"POST /a"}, "HEAD /a", "405 OPTIONS, POST"},
      {{"HEAD /a"}, "GET /a", "405 HEAD, OPTIONS"},
  });
}

TEST(RouteTable, MethodStarServesWhatItsTemplateHasNoOtherRouteFor) {
  Check({
      {{"* /a", "GET /a"}, "GET /a", "GET /a"},
      {{"* /a", "GET /a"}, "PURGE /a", "* /a"},
      {{"* /a", "GET /a"}, "OPTIONS /a", "* /a"},
      {{"* /a", "GET /{x}"}, "GET /a", "* /a"},
      {{"* /{x}", "GET /a"}, "GET /a", "GET /a"},
      {{"* /{x}", "GET /a"}, "PUT /a", "* /{x} x=a"},
      {{"* /{x}:go", "GET /{x}"}, "GET /a:go", "* /{x}:go x=a"},
      {{"SEARCH /a"}, "SEARCH /a", "SEARCH /a"},
  });
}

// Rule 8 and the last sentence of rule 7's second.
TEST(RouteTable, Verbs) {
  Check({
      {{"GET /{id}"}, "GET /a:go", "GET /{id} id=a:go"},
      {{"GET /{id}", "GET /{id}:go"}, "GET /a:go", "GET /{id}:go id=a"},
      {{"GET /{id}:go", "GET /{id}"}, "GET /a:stop", "GET /{id} id=a:stop"},
      {{"GET /{id}", "POST /{id}:go"}, "GET /a:go", "GET /{id} id=a:go"},
      // Another route's verb changes nothing.
      {{"GET /a/{id}", "GET /b/{id}:go"}, "GET /a/x:go", "GET /a/{id} id=x:go"},
      {{"GET /b/{id}:go"}, "GET /a/x:go", "404"},
      {{"GET /b/{id}:go"}, "GET /b/x", "404"},
      {{"GET /{p=**}", "GET /a/{id}:go"}, "GET /a:go/b", "GET /{p=**} p=a:go/b"},
      {{"GET /a/{id}", "GET /{p=**}:go"}, "GET /a/b:go", "GET /{p=**}:go p=a/b"},
      // An encoded colon never begins a verb.
      {{"GET /{id}", "GET /{id}:go"}, "GET /a%3Ago", "GET /{id} id=a:go"},
      {{"GET /{id}", "GET /{id}:go"}, "GET /a%3ago", "GET /{id} id=a:go"},
      {{"GET /{id}", "GET /{id}:go"}, "GET /a:%67o", "GET /{id}:go id=a"},
      // "*" in front of a verb is not empty, "**" may be.
      {{"GET /{id}:go"}, "GET /:go", "404"},
      {{"GET /trailing/**:slash"}, "GET /trailing/:slash", "GET /trailing/**:slash"},
      {{"GET /trailing/**:slash"}, "GET /trailing:slash", "GET /trailing/**:slash"},
      {{"GET /{p=**}:go"}, "GET /a/b:go", "GET /{p=**}:go p=a/b"},
      {{"GET /{p=**}:go"}, "GET /:go", "GET /{p=**}:go p="},
      {{"GET /{p=**}/x:go"}, "GET /a/x:go", "GET /{p=**}/x:go p=a"},
      {{"GET /person", "GET /person/{id}", "GET /{x=**}:other"},
       "GET /person:other",
       "GET /{x=**}:other x=person"},
      {{"GET /{id}:go"}, "GET /a:go/", "404"},
      {{"GET /{a}/{b}:verb"}, "GET /some:verb/const:verb", "GET /{a}/{b}:verb a=some:verb b=const"},
      // Verbs with colons: the longest that is a verb.
      {{"GET /{id}:b:c"}, "GET /a:b:c", "GET /{id}:b:c id=a"},
      {{"GET /{id}:c", "GET /{id}:b:c"}, "GET /a:b:c", "GET /{id}:b:c id=a"},
      {{"GET /{id}:c", "GET /{id}:b:c"}, "GET /a:x:c", "GET /{id}:c id=a:x"},
      {{"GET /{id}:c", "PUT /{id}:b:c"}, "GET /a:b:c", "GET /{id}:c id=a:b"},
      {{"GET /{id}:c"}, "GET /a:b:c", "GET /{id}:c id=a:b"},
      {{"GET /a:b/{id}"}, "GET /a:b/7", "GET /a:b/{id} id=7"},
      {{"GET /a%3Ab"}, "GET /a:b", "GET /a%3Ab"},
  });
}

// Rule 7: decoding of literals and captures.
TEST(RouteTable, Decoding) {
  Check({
      {{"GET /v1/a"}, "GET /v1/%61", "GET /v1/a"},
      {{"GET /v1/%61"}, "GET /v1/a", "GET /v1/%61"},
      {{"GET /v1/caf%c3%a9"}, "GET /v1/caf%C3%A9", "GET /v1/caf%c3%a9"},
      {{"GET /v1/a"}, "GET /v1%2Fa", "404"},
      {{"GET /v1/a%2Fb"}, "GET /v1/a%2fb", "GET /v1/a%2Fb"},
      {{"GET /v1/a/b"}, "GET /v1/a%2fb", "404"},
      {{"GET /v1/{id}"}, "GET /v1/a%2fb%20c%2B+", "GET /v1/{id} id=a/b c++"},
      {{"GET /v1/{id}"}, "GET /v1/%2525", "GET /v1/{id} id=%25"},
      {{"GET /v1/{id=**}"}, "GET /v1/a%2fb%2Fc%20d/e", "GET /v1/{id=**} id=a%2Fb%2Fc d/e"},
      {{"GET /v1/{id=**}"}, "GET /v1/a%252Fb", "GET /v1/{id=**} id=a%2Fb"},
      {{"GET /v1/{id=**}"}, "GET /v1/%20%2523", "GET /v1/{id=**} id= %23"},
      {{"GET /{id=a/*}"}, "GET /a/b%2Fc%3A", "GET /{id=a/*} id=a/b%2Fc:"},
      {{"GET /{id=a}"}, "GET /%61", "GET /{id=a} id=a"},
      {{"GET /**/z"}, "GET /a/%7A", "GET /**/z"},
  });
}

TEST(RouteTable, OneTrailingSlashMayBeIgnored) {
  Check(
      {
          {{"GET /a"}, "GET /a/", "GET /a"},
          {{"GET /a"}, "GET /a", "GET /a"},
          {{"GET /a"}, "GET /a//", "404"},
          {{"POST /a"}, "GET /a//", "404"},
          {{"GET /"}, "GET /", "GET /"},
          {{"GET /v1/{id}"}, "GET /v1/", "404"},
          {{"GET /v1/{id}"}, "GET /v1/a/", "GET /v1/{id} id=a"},
          {{"GET /f/{p=**}"}, "GET /f/a/", "GET /f/{p=**} p=a/"},
          {{"GET /f/{p=**}"}, "GET /f/a//", "GET /f/{p=**} p=a//"},
          {{"GET /f/{p=**}", "POST /f/a"}, "POST /f/a/", "POST /f/a"},
          {{"GET /f/{p=**}", "POST /f/a"}, "PUT /f/a/", "405 GET, HEAD, OPTIONS, POST"},
          {{"GET /{id}:go"}, "GET /a:go/", "GET /{id}:go id=a"},
          {{"POST /a"}, "GET /a/", "405 OPTIONS, POST"},
      },
      {.ignore_trailing_slash = true});
}

TEST(RouteTable, WhatIsNoPathHasNoRoute) {
  const auto table = MakeTable({"GET /{p=**}", "GET /{p=**}:go"});
  ASSERT_TRUE(table);
  for (const char* path : {"", "a", "*", ":go", "a/b:go"}) {
    EXPECT_EQ(Show(table->Match("GET", path)), "404") << path;
    EXPECT_THAT(table->AllowedMethods(path), IsEmpty()) << path;
  }
}

TEST(RouteTable, AllowedMethodsAreThoseOfEveryRouteThatMatches) {
  const auto table =
      MakeTable({"GET /v1/{id}", "DELETE /v1/{id}", "POST /v1/{id}:go", "* /any", "PUT /{p=**}"});
  ASSERT_TRUE(table);
  EXPECT_THAT(table->AllowedMethods("/v1/7"),
              ElementsAre("DELETE", "GET", "HEAD", "OPTIONS", "PUT"));
  EXPECT_THAT(table->AllowedMethods("/v1/7:go"),
              ElementsAre("DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"));
  EXPECT_THAT(table->AllowedMethods("/v2"), ElementsAre("OPTIONS", "PUT"));
  EXPECT_THAT(table->AllowedMethods("/any"),
              ElementsAre("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"));
}

TEST(RouteTable, RefusesDuplicatesAndNamesBoth) {
  const auto table =
      MakeTable({"GET /v1/{a}", "GET /v1/{b}", "GET /v1/{c=x/*}", "GET /v1/x/{d}", "PUT /v1/{e}"});
  ASSERT_FALSE(table);
  EXPECT_THAT(table.error(),
              ElementsAre(AllOf(HasSubstr("(GET /v1/{a})"), HasSubstr("(GET /v1/{b})")),
                          AllOf(HasSubstr("(GET /v1/{c=x/*})"), HasSubstr("(GET /v1/x/{d})"))));
}

TEST(RouteTable, KeepsItsRoutesWhenItIsMoved) {
  auto built = MakeTable({"GET /b", "GET /a"});
  ASSERT_TRUE(built);
  const RouteTable table = std::move(*built);
  ASSERT_EQ(table.routes().size(), 2u);
  EXPECT_EQ(table.routes()[0].path.text, "/b");
  EXPECT_EQ(std::get<RouteMatch>(table.Match("GET", "/a")).route, &table.routes()[1]);
}

TEST(RouteTable, LongPathsAndDeepTemplatesCostLittle) {
  std::string slashes(64000, '/');
  EXPECT_EQ(Show(MakeTable({"GET /a/**/x"})->Match("GET", "/a" + slashes + "x")), "GET /a/**/x");
  EXPECT_EQ(Show(MakeTable({"GET /a/**/x"})->Match("GET", "/a" + slashes)), "404");
  std::string deep;
  for (int i = 0; i < 50000; ++i) deep += "/a";
  EXPECT_EQ(Show(MakeTable({"GET " + deep})->Match("GET", deep)), "GET " + deep);
  EXPECT_EQ(Show(MakeTable({"GET /**" + deep})->Match("GET", deep)), "GET /**" + deep);
  const auto verbs = MakeTable({"GET /{id}:a", "GET /{id}:a:a"});
  const std::string colons = "/x" + std::string(64000, ':');
  EXPECT_EQ(Show(verbs->Match("GET", colons)), "404");
}

// All templates of ten segments, each "a" or "*": a path of ten "a" matches all of them.
TEST(RouteTable, OverlappingWildcardsAreTriedOnceEach) {
  constexpr int kSegments = 10;
  std::vector<std::string> routes;
  for (unsigned bits = 0; bits < (1u << kSegments); ++bits) {
    std::string text = "GET ";
    for (int i = 0; i < kSegments; ++i) text += (bits >> i & 1) != 0 ? "/*" : "/a";
    routes.push_back(text);
  }
  const auto table = MakeTable(routes);
  std::string path;
  for (int i = 0; i < kSegments; ++i) path += "/a";
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(Show(table->Match("PUT", path)), "405 GET, HEAD, OPTIONS");
  EXPECT_EQ(Show(table->Match("PUT", path + "/a")), "404");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

// One more segment of "a" or "*" doubles nothing when only the two extremes are registered.
TEST(RouteTable, DeepOverlapsDoNotBacktrackExponentially) {
  std::string literals = "GET ";
  std::vector<std::string> routes;
  for (int i = 0; i < 500; ++i) {
    routes.push_back(literals + "/*/b");
    literals += "/a";
  }
  std::string wild = "GET ";
  for (int i = 0; i < 500; ++i) wild += "/*";
  routes.push_back(wild);
  const auto table = MakeTable(routes);
  EXPECT_EQ(Show(table->Match("GET", literals.substr(4))), wild);
}

}  // namespace
}  // namespace puente
