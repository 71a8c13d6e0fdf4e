// Resource paths for an API without annotations: `auto_routes: REST` (design sections 3 and 4).
#include <optional>
#include <stdexcept>

#include "examples/json_subset.h"
#include "examples/services/example_server.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using examples::FindJsonDifference;

class RestRoutes : public testing::Test {
 protected:
  RestRoutes() {
    const auto started = server_.Start();
    if (!started) throw std::runtime_error(started.error());
    proxy_.emplace(server_.target(), "transcoding: {auto_routes: REST}");
  }

  HttpResponse Ask(const std::string& method, const std::string& target,
                   const std::string& body = {}) {
    return proxy_->Connect().Request(method, target, {{"Content-Type", "application/json"}}, body);
  }

  examples::ExampleServer server_;
  std::optional<ProxyUnderTest> proxy_;
};

TEST_F(RestRoutes, ServeTheUsersContract) {
  struct {
    std::string method, target, body, json;
    int status = 200;
  } const kCases[] = {
      {"GET", "/users/u-1", "", R"({"id": "u-1", "name": "Ada Lovelace"})"},
      {"GET", "/users/u%2D1", "", R"({"id": "u-1"})"},
      {"GET", "/users", "", R"({"users": [{"id": "u-1"}, {"id": "u-2"}, {"id": "u-3"}]})"},
      {"GET", "/users?pageSize=1&page_token=after-1", "", R"({"users": [{"id": "u-2"}]})"},
      {"POST", "/users", R"({"name": "Edsger", "email": "e@example.com", "age": 42})",
       R"({"id": "u-4", "name": "Edsger", "age": 42})"},
      {"PUT", "/users/u-4", R"({"name": "Edsger D.", "email": "e@example.com"})",
       R"({"id": "u-4", "name": "Edsger D.", "email": "e@example.com"})"},
      {"PATCH", "/users/u-4?updateMask=age", R"({"age": 43})",
       R"({"id": "u-4", "name": "Edsger D.", "age": 43})"},
      {"PUT", "/users/u-4", R"({"id": "u-1", "name": "E", "email": "e@example.com"})",
       R"({"code": 3})", 400},
      {"DELETE", "/users/u-4", "", "{}"},
      {"DELETE", "/users/u-4", "", R"({"code": 5})", 404},
      {"GET", "/users/u-4", "", R"({"code": 5})", 404},
  };
  for (const auto& c : kCases) {
    const HttpResponse response = Ask(c.method, c.target, c.body);
    EXPECT_EQ(response.status, c.status) << c.method << " " << c.target << " " << response.body;
    EXPECT_EQ(FindJsonDifference(c.json, response.body), std::nullopt)
        << c.method << " " << c.target << " " << response.body;
  }
}

TEST_F(RestRoutes, AMethodWithoutAResourcePathHasItsRpcRoute) {
  EXPECT_EQ(Ask("POST", "/users.v1.UserService/ResetPassword", R"({"id": "u-1"})").status, 200);
  EXPECT_EQ(Ask("POST", "/users.v1.UserService/GetUser", R"({"id": "u-1"})").status, 200);
  EXPECT_THAT(Ask("POST", "/users/u-1:resetPassword", "{}"), IsError(405, 12));
}

// Rule 2: 405 with Allow.
TEST_F(RestRoutes, OtherMethodsOfAPathAre405) {
  EXPECT_EQ(Ask("POST", "/users/u-1", "{}").Header("Allow"),
            "DELETE, GET, HEAD, OPTIONS, PATCH, PUT");
  EXPECT_EQ(Ask("DELETE", "/users").Header("Allow"), "GET, HEAD, OPTIONS, POST");
}

TEST_F(RestRoutes, AnnotatedMethodsKeepTheirs) {
  EXPECT_EQ(Ask("GET", "/v1/invoices/inv-1001").status, 200);
  EXPECT_THAT(Ask("GET", "/invoices/inv-1001"), IsError(404, 5));
}

TEST_F(RestRoutes, AreListedAsAutomatic) {
  const std::string routes = proxy_->Admin("/routes").body;
  EXPECT_THAT(routes, testing::HasSubstr(R"("path": "/users/{id}")"));
  EXPECT_THAT(routes, testing::HasSubstr(R"("service": "users.v1.UserService", )"
                                         R"("method": "GetUser", "kind": "unary", )"
                                         R"("automatic": true)"));
}

TEST(RestRoutesOff, WithoutThemThereIsNoResourcePath) {
  const FakeUpstream upstream;
  for (const char* transcoding : {"{}", "{auto_routes: RPC}", "{auto_routes: OFF}"}) {
    const ProxyUnderTest proxy(upstream.target(), fmt::format("transcoding: {}", transcoding));
    EXPECT_THAT(proxy.Get("/users/u-1"), IsError(404, 5)) << transcoding;
  }
}

}  // namespace
}  // namespace puente::test
