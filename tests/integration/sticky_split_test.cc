// Callers of a split: each stays where it is, and moves once (design section 3).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "proxy/traffic/split.h"
#include "proxy/traffic/weighted_choice.h"
#include "tests/integration/binary_under_test.h"
#include "tests/integration/migration_proxy.h"

namespace puente::test {
namespace {

constexpr char kSticky[] = ", sticky: {header: x-user-id}";

// Base64 without padding, as tokens have it.
std::string Base64Url(const std::string& text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string encoded;
  unsigned bits = 0;
  int count = 0;
  for (const unsigned char c : text) {
    bits = bits << 8 | c;
    for (count += 8; count >= 6; count -= 6) encoded += kAlphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) encoded += kAlphabet[bits << (6 - count) & 63];
  return encoded;
}

struct StickyCase {
  const char* name;
  const char* config;
  HeaderList (*headers)(const std::string& user);
};

class StickyCallers : public testing::TestWithParam<StickyCase> {};

TEST_P(StickyCallers, StayWhereTheyAre) {
  constexpr int kCallers = 60;
  SplitProxy under_test(1, 1, GetParam().config);
  HttpClient client = under_test.proxy.Connect();
  std::map<std::string, int> served;
  for (int i = 0; i < kCallers; ++i) {
    const HeaderList headers = GetParam().headers(fmt::format("user-{}", i));
    const std::string upstream = test::ServedBy(client, headers);
    ++served[upstream];
    EXPECT_EQ(under_test.ServedBy(3, headers), (std::map<std::string, int>{{upstream, 3}}));
  }
  EXPECT_EQ(served.size(), 2U);
  EXPECT_LT(ChiSquare(served["legacy"], served["billing"], 0.5), kChiSquareOnceInAMillion);
}

INSTANTIATE_TEST_SUITE_P(
    All, StickyCallers,
    testing::Values(StickyCase{"ByHeader", kSticky,
                               [](const std::string& user) {
                                 return HeaderList{{"X-User-Id", user}};
                               }},
                    StickyCase{"ByCookie", ", sticky: {cookie: session}",
                               [](const std::string& user) {
                                 return HeaderList{{"Cookie", "other=1; session=" + user}};
                               }},
                    StickyCase{"ByClaim", ", sticky: {jwt_claim: sub}",
                               [](const std::string& user) {
                                 const std::string claims =
                                     fmt::format(R"({{"iss":"x","sub":"{}"}})", user);
                                 return HeaderList{
                                     {"Authorization", fmt::format("Bearer {}.{}.c2ln",
                                                                   Base64Url(R"({"alg":"none"})"),
                                                                   Base64Url(claims))}};
                               }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(StickySplitTest, CallersWithoutAKeyGoWhereChanceSendsThem) {
  SplitProxy under_test(1, 1, kSticky);
  EXPECT_EQ(under_test.ServedBy(100).size(), 2U);
  EXPECT_EQ(under_test.ServedBy(100, {{"X-User-Id", ""}}).size(), 2U);
}

constexpr int kCallers = 10'000;

std::string Caller(int number) { return fmt::format("user-{}", number); }

TEST(StickySplitTest, OverASweepNoCallerMovesTwice) {
  config::Split config;
  config.set_name("migration");
  for (const char* upstream : {"legacy", "billing"}) {
    config.add_backends()->set_upstream(upstream);
    config.mutable_backends()->rbegin()->set_weight(1);
  }
  Split here(config, 1);
  Split there(config, 2);
  std::vector<int> moves(kCallers);
  std::vector<std::size_t> at(kCallers);
  for (std::uint32_t weight = 0; weight <= 100; ++weight) {
    const WeightsRequest request{{{"legacy", 100 - weight}, {"billing", weight}}, std::nullopt};
    ASSERT_TRUE(here.Put(request, std::nullopt, {}));
    ASSERT_TRUE(there.Put(request, std::nullopt, {}));
    int moved = 0;
    for (int i = 0; i < kCallers; ++i) {
      const std::uint64_t caller = CallerHash(Caller(i));
      const std::size_t now = here.Choose(caller);
      ASSERT_EQ(there.Choose(caller), now);
      moves[i] += now != at[i];
      at[i] = now;
      moved += static_cast<int>(now);
    }
    EXPECT_NEAR(moved, kCallers * weight / 100.0, 250) << weight;
  }
  EXPECT_THAT(moves, testing::Each(1));
}

// A process of `puente` in front of the backends, and who serves each caller there.
class Replica {
 public:
  explicit Replica(const MigrationBackends& backends)
      : binary_({"run", "--config",
                 dir_.Write("puente.yaml",
                            "workers: 1\n" + ExampleConfig(backends.Config(100, 0, kSticky)))}),
        admin_(binary_.WaitForPort("admin on 127.0.0.1:")),
        port_(binary_.WaitForPort("serves HTTP on 127.0.0.1:")) {}

  int PutWeights(int legacy_weight, int billing_weight) const {
    return HttpClient::Connect(admin_)
        .Request("PUT", "/splits/migration", {}, WeightsBody(legacy_weight, billing_weight))
        .status;
  }

  // By caller, 'l' or 'b'; '?' where neither has answered.
  std::string ServedBy(int callers) const {
    constexpr int kAtOnce = 50;
    HttpClient client = HttpClient::Connect(port_);
    std::string served;
    for (int begin = 0; begin < callers; begin += kAtOnce) {
      std::string requests;
      for (int i = begin; i < begin + kAtOnce; ++i) {
        requests += fmt::format("GET /v1/invoices/7 HTTP/1.1\r\nHost: a\r\nX-User-Id: {}\r\n\r\n",
                                Caller(i));
      }
      client.SendRaw(requests);
      for (int i = 0; i < kAtOnce; ++i) {
        const std::string body = client.ReadResponse("GET").body;
        served += body == R"({"id":"legacy"})" ? 'l' : body == R"({"id":"billing"})" ? 'b' : '?';
      }
    }
    return served;
  }

 private:
  const TempDir dir_;
  const BinaryUnderTest binary_;
  const std::uint16_t admin_;
  const std::uint16_t port_;
};

TEST(StickySplitTest, TwoProcessesAgreeOnEveryCallerOfASweep) {
  MigrationBackends backends;
  const std::array<Replica, 2> replicas{Replica(backends), Replica(backends)};
  std::string before(kCallers, 'l');
  for (const int weight : {0, 25, 50, 100}) {
    std::array<std::string, 2> served;
    std::array<std::thread, 2> threads;
    for (std::size_t i = 0; i < replicas.size(); ++i) {
      ASSERT_EQ(replicas[i].PutWeights(100 - weight, weight), 200);
      threads[i] = std::thread([&, i] { served[i] = replicas[i].ServedBy(kCallers); });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(served[0], served[1]) << weight;
    EXPECT_EQ(served[0].find('?'), std::string::npos);
    EXPECT_NEAR(std::ranges::count(served[0], 'b'), kCallers * weight / 100.0, 250);
    for (int i = 0; i < kCallers; ++i) {
      // Whoever has moved stays.
      ASSERT_FALSE(before[i] == 'b' && served[0][i] == 'l') << Caller(i) << " at " << weight;
    }
    before = served[0];
  }
}

}  // namespace
}  // namespace puente::test
