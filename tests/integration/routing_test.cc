// `routes` of the configuration: which upstream a method goes to.
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

constexpr char kGetUser[] = "/users.v1.UserService/GetUser";
constexpr char kVerifyToken[] = "/auth.v1.AuthService/VerifyToken";

class Routing : public testing::Test {
 protected:
  Routing() {
    for (FakeUpstream* upstream : {&one_, &two_}) {
      for (const char* method : {kGetInvoice, kCreateInvoice, kGetUser, kVerifyToken}) {
        upstream->OnUnary(method, UnaryReply());
      }
      upstream->OnStream(kWatchInvoices, [](UpstreamStream&) { return grpc::Status::OK; });
    }
  }

  ProxyUnderTest WithRoutes(const std::string& routes) const {
    return ProxyUnderTest::FromConfig(
        ExampleConfig(fmt::format("upstreams:\n"
                                  "- {{name: one, grpc: {{target: \"{}\"}}}}\n"
                                  "- {{name: two, grpc: {{target: \"{}\"}}}}\n"
                                  "routes:\n{}",
                                  one_.target(), two_.target(), routes)));
  }

  static std::vector<std::string> MethodsOf(const FakeUpstream& upstream) {
    std::vector<std::string> methods;
    for (const RecordedCall& call : upstream.Calls()) methods.push_back(call.method);
    return methods;
  }

  FakeUpstream one_;
  FakeUpstream two_;
};

TEST_F(Routing, FirstMatchWins) {
  const ProxyUnderTest proxy = WithRoutes(
      "- {match: {method: billing.v1.BillingService/GetInvoice}, upstream: two}\n"
      "- {match: {service: billing.v1.BillingService}, upstream: one}\n"
      "- {match: {method: billing.v1.BillingService/WatchInvoices}, upstream: two}\n"
      "- {match: {service: users.v1.UserService}, upstream: two}\n");
  HttpClient client = proxy.Connect();
  EXPECT_EQ(client.Get(kInvoice).status, 200);
  EXPECT_EQ(client.Get(kWatch).status, 200);
  EXPECT_EQ(client.Post("/v1/customers/c-1/invoices", "{}").status, 200);
  EXPECT_EQ(client.Post(kGetUser, "{}").status, 200);
  EXPECT_THAT(MethodsOf(one_), testing::ElementsAre(kWatchInvoices, kCreateInvoice));
  EXPECT_THAT(MethodsOf(two_), testing::ElementsAre(kGetInvoice, kGetUser));
  EXPECT_EQ(
      proxy.Metric(R"(grpc_requests_total{method="GetInvoice",service="billing.v1.BillingService",)"
                   R"(status="OK",traffic="live",upstream="two"})"),
      1);
}

TEST_F(Routing, MethodThatNoRouteNamesIs404) {
  const ProxyUnderTest proxy =
      WithRoutes("- {match: {method: billing.v1.BillingService/GetInvoice}, upstream: one}\n");
  HttpClient client = proxy.Connect();
  EXPECT_EQ(client.Get(kInvoice).status, 200);
  EXPECT_THAT(client.Get(kWatch), IsError(404, 5));
  EXPECT_THAT(client.Post("/v1/customers/c-1/invoices", "{}"), IsError(404, 5));
  EXPECT_THAT(client.Post(kGetUser, "{}"), IsError(404, 5));
  EXPECT_EQ(one_.CallCount(), 1u);
  EXPECT_EQ(two_.CallCount(), 0u);
}

TEST_F(Routing, RouteCoversAllBindingsOfItsMethod) {
  const ProxyUnderTest proxy =
      WithRoutes("- {match: {method: auth.v1.AuthService/VerifyToken}, upstream: two}\n");
  HttpClient client = proxy.Connect();
  EXPECT_EQ(client.Post("/v1/auth:verify", R"({"token":"t"})").status, 200);
  EXPECT_EQ(client.Get("/v1/auth/tokens/t").status, 200);
  EXPECT_THAT(MethodsOf(two_), testing::ElementsAre(kVerifyToken, kVerifyToken));
}

TEST_F(Routing, MethodOfAnotherPathIs405WithAllow) {
  const ProxyUnderTest proxy(one_.target());
  const HttpResponse response = proxy.Post(kInvoice, "{}");
  EXPECT_THAT(response, IsError(405, 12));
  EXPECT_EQ(response.Header("Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(Routing, ServicesThatAreNotChosenAre404) {
  const ProxyUnderTest proxy(one_.target(), "transcoding: {services: [users.v1.UserService]}");
  EXPECT_EQ(proxy.Post(kGetUser, "{}").status, 200);
  EXPECT_THAT(proxy.Get(kInvoice), IsError(404, 5));
}

TEST_F(Routing, WithoutAutomaticRoutesOnlyAnnotatedMethodsAreServed) {
  const ProxyUnderTest proxy(one_.target(), "transcoding: {auto_routes: OFF}");
  EXPECT_THAT(proxy.Post(kGetUser, "{}"), IsError(404, 5));
  EXPECT_EQ(proxy.Get(kInvoice).status, 200);
}

}  // namespace
}  // namespace puente::test
