// The reflection of a real grpc++ server, which speaks v1alpha, lists services that it can't
// describe, and sends every file with all of its imports.
#include "tests/reflection/reflecting_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>

#include "examples/services/billing_service.h"
#include "examples/services/users_service.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kGetUser[] = "/users.v1.UserService/GetUser";
constexpr char kAda[] = R"({"id":"u-1"})";

ProxyUnderTest StartProxy(const std::string& target) {
  return ProxyUnderTest::FromConfig(
      fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
                  "admin: {{address: \"127.0.0.1:0\"}}\n"
                  "upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n"
                  "descriptors: {{reflection: [{{upstream: examples, refresh: 100ms}}]}}\n",
                  target));
}

bool WaitReady(const ProxyUnderTest& proxy) {
  return WaitUntil([&] { return proxy.Admin("/readyz").status == 200; });
}

TEST(ReflectingServerTest, WhatItOffersIsServed) {
  examples::BillingService billing;
  examples::UserService users;
  const ReflectingServer server({&billing, &users});
  const auto proxy = StartProxy(server.target());
  ASSERT_TRUE(WaitReady(proxy)) << proxy.Admin("/readyz").body;
  EXPECT_THAT(proxy.Post(kGetUser, kAda).body, HasSubstr("Ada Lovelace"));
  EXPECT_EQ(proxy.Get("/v1/invoices").status, 200);
  EXPECT_THAT(proxy.Get("/nowhere"), IsError(404, 5));
  EXPECT_THAT(proxy.Admin("/routes").body,
              AllOf(HasSubstr("/v1/invoices/{id}"), Not(HasSubstr("grpc.reflection"))));
}

TEST(ReflectingServerTest, ItMayStartAfterTheProxyAndComeBackWithMore) {
  examples::UserService users;
  examples::BillingService billing;
  std::optional<ReflectingServer> server(std::in_place, std::vector<grpc::Service*>{&users});
  const std::uint16_t port = server->port();
  const std::string target = server->target();
  server.reset();
  const auto proxy = StartProxy(target);
  auto client = proxy.Connect();
  EXPECT_EQ(proxy.Admin("/readyz").status, 503);
  EXPECT_THAT(client.Post(kGetUser, kAda), IsError(503, 14));

  server.emplace(std::vector<grpc::Service*>{&users}, port);
  ASSERT_TRUE(WaitReady(proxy)) << proxy.Admin("/readyz").body;
  EXPECT_THAT(client.Post(kGetUser, kAda).body, HasSubstr("Ada Lovelace"));
  EXPECT_THAT(client.Get("/v1/invoices"), IsError(404, 5));

  server.reset();
  server.emplace(std::vector<grpc::Service*>{&users, &billing}, port);
  EXPECT_TRUE(WaitUntil([&] { return client.Get("/v1/invoices").status == 200; }));
  EXPECT_THAT(client.Post(kGetUser, kAda).body, HasSubstr("Ada Lovelace"));
}

}  // namespace
}  // namespace puente::test
