// The columns of Envoy and grpc-gateway, against the real ones. Run by tests/compat/judge.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <stdexcept>

#include "tests/compat/exchange.h"
#include "tests/compat/rivals.h"

namespace puente::test {
namespace {

// What all cases share; ended before main returns, as gRPC demands.
class Judged : public testing::Environment {
 public:
  void SetUp() override { upstream_ = std::make_unique<CompatUpstream>(); }
  void TearDown() override {
    envoys_.clear();
    gateway_.reset();
    upstream_.reset();
  }

  CompatUpstream& upstream() { return *upstream_; }
  Served PortOf(Product product, const std::string& service) {
    return product == Product::kEnvoy ? EnvoyPort(service) : GatewayPort(service);
  }

 private:
  Served EnvoyPort(const std::string& service) {
    auto& envoy = envoys_[service];
    try {
      if (!envoy) envoy = std::make_unique<EnvoyUnderTest>(service, upstream_->server().port());
      return envoy->port();
    } catch (const std::runtime_error& error) {
      return tl::unexpected<std::string>(error.what());
    }
  }

  Served GatewayPort(const std::string& service) {
    std::string name = service;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (auto refusal = GatewayRefusal(name)) return tl::unexpected(*std::move(refusal));
    if (!gateway_) gateway_ = std::make_unique<GatewayUnderTest>(upstream_->server().port());
    return gateway_->port();
  }

  std::unique_ptr<CompatUpstream> upstream_;
  std::map<std::string, std::unique_ptr<EnvoyUnderTest>> envoys_;  // by service
  std::unique_ptr<GatewayUnderTest> gateway_;
};
Judged& judged = *static_cast<Judged*>(testing::AddGlobalTestEnvironment(new Judged));

using Param = std::tuple<Product, CompatCase>;

class Judge : public testing::TestWithParam<Param> {};

TEST_P(Judge, FindsWhatTheCaseSays) {
  const auto& [product, compat_case] = GetParam();
  CheckCase(compat_case, product, judged.PortOf(product, compat_case.service), judged.upstream());
}

std::string NameOfParam(const testing::TestParamInfo<Param>& info) {
  const auto& [product, compat_case] = info.param;
  return fmt::format("{}_{}", KeyOf(product), TestNameOf(compat_case));
}

INSTANTIATE_TEST_SUITE_P(, Judge,
                         testing::Combine(testing::Values(Product::kEnvoy, Product::kGrpcGateway),
                                          testing::ValuesIn(LoadCases())),
                         NameOfParam);

}  // namespace
}  // namespace puente::test
