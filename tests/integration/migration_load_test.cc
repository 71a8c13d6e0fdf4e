// What a migration is under load: weights change and files are read anew all the time, and no
// request fails.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "examples/services/example_server.h"
#include "tests/integration/migration_proxy.h"

namespace puente::test {
namespace {

constexpr int kConnections = 64;
constexpr int kRequests = 50'000;
constexpr int kWeightChanges = 1000;
constexpr int kReloads = 100;
constexpr int kAfterwards = 500;

// The share of `legacy` is a quarter at every moment, whatever the weights are. What is left the
// two others have by turns, so that over all each of them has half of it.
constexpr int kLegacy = 100;
constexpr int kRest = 300;
constexpr int kLeast = 100;
// Pearson's statistic with two degrees of freedom passes this once in a million times.
constexpr double kMostChiSquare = 27.6;

constexpr char kInvoice[] = R"({"lines": [{"sku": "tea", "quantity": 2,
    "price": {"currency": "EUR", "units": "12"}}], "labels": {"region": "eu"}})";

constexpr std::array<const char*, 3> kUpstreams = {"legacy", "blue", "green"};

std::string WeightsOf(int legacy, int blue, int green) {
  return fmt::format(R"({{"weights":{{"legacy":{},"blue":{},"green":{}}}}})", legacy, blue, green);
}

// Of the change number `number`: what blue has in one, green has in the next.
std::string WeightsOfChange(int number) {
  const int more = kLeast + number / 2 * 7 % (kRest - 2 * kLeast + 1);
  const int blue = number % 2 == 0 ? more : kRest - more;
  return WeightsOf(kLegacy, blue, kRest - blue);
}

class MigrationLoad : public testing::Test {
 protected:
  MigrationLoad() {
    if (const auto started = server_.Start(); !started) throw std::runtime_error(started.error());
    proxy_.emplace(ProxyUnderTest::FromFile(WriteConfig(0)));
  }

  // Each reload has another configuration and other descriptors than the one before; the split's
  // entry stays as it is.
  std::string WriteConfig(int number) {
    const bool odd = number % 2 == 1;
    const std::string path = dir_.File("puente.yaml");
    const std::string written = dir_.Write(
        "puente.yaml.new",
        fmt::format(
            "listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
            "admin: {{address: \"127.0.0.1:0\"}}\n"
            "descriptors: {{files: [\"{}\"]}}\n"
            "upstreams:\n"
            "- {{name: legacy, http: {{url: \"{}\"}}}}\n"
            "- {{name: blue, grpc: {{target: \"{}\"}}}}\n"
            "- {{name: green, grpc: {{target: \"{}\", max_metadata_bytes: {}}}}}\n"
            "routes:\n"
            "- match: {{service: billing.v1.BillingService}}\n"
            "  timeout: {}s\n"
            "  split:\n"
            "    name: migration\n"
            "    backends: [{{upstream: legacy, weight: 100}}, {{upstream: blue, weight: 150}},\n"
            "               {{upstream: green, weight: 150}}]\n",
            odd ? ExampleDescriptors("billing") : ExampleDescriptors(), server_.legacy_url(),
            server_.target(), server_.target(), odd ? 9000 : 8192, odd ? 60 : 61));
    std::filesystem::rename(written, path);
    return path;
  }

  int Admin(const std::string& method, const std::string& target, const std::string& body = {}) {
    return HttpClient::Connect(proxy_->admin_port()).Request(method, target, {}, body).status;
  }

  // Answers that are not what was asked for.
  static bool SendOne(HttpClient& client, int number) {
    constexpr int kOneInSoManyIsAPost = 10;
    try {
      const HttpResponse answer =
          number % kOneInSoManyIsAPost == 0
              ? client.Post("/v1/customers/c-7/invoices?validate_only=true", kInvoice)
              : client.Get("/v1/invoices/inv-1001");
      const char* expected = number % kOneInSoManyIsAPost == 0 ? "c-7" : "inv-1001";
      const bool is_good = answer.status == 200 && answer.complete &&
                           answer.body.find(expected) != std::string::npos;
      if (!is_good) ADD_FAILURE() << answer.status << " " << answer.body;
      return is_good;
    } catch (const ClientError& error) {
      ADD_FAILURE() << error.what();
      return false;
    }
  }

  // From a thread per connection.
  void Send(int count) {
    std::atomic<int> next{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kConnections; ++i) {
      threads.emplace_back([&] {
        HttpClient client = proxy_->Connect();
        for (int number = next++; number < count && failed_ == 0; number = next++) {
          failed_ += !SendOne(client, number);
          ++done_;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  // Paced by the requests, so that each setting holds for as many of them.
  void ChangeAllTheTime() {
    for (int i = 0; i < kWeightChanges; ++i) {
      const int due = i * (kRequests / kWeightChanges);
      while (done_ < due && failed_ == 0) std::this_thread::yield();
      EXPECT_EQ(Admin("PUT", "/splits/migration", WeightsOfChange(i)), 200);
      const bool is_reload = i % (kWeightChanges / kReloads) == 0;
      if (is_reload) Reload(i / (kWeightChanges / kReloads) + 1);
    }
  }

  void Reload(int number) {
    WriteConfig(number);
    EXPECT_EQ(Admin("POST", "/reload"), 200);
  }

  std::array<double, 3> Counts() const {
    std::array<double, 3> counts{};
    for (std::size_t i = 0; i < kUpstreams.size(); ++i) {
      counts[i] = proxy_->Metric(fmt::format(
          R"(puente_backend_requests_total{{code="200",split="migration",upstream="{}"}})",
          kUpstreams[i]));
    }
    return counts;
  }

  bool WaitForCounted(int requests) const {
    return WaitUntil([&] {
      const auto counts = Counts();
      return counts[0] + counts[1] + counts[2] == requests;
    });
  }

  const TempDir dir_;
  examples::ExampleServer server_{"127.0.0.1:0", "127.0.0.1:0"};
  std::optional<ProxyUnderTest> proxy_;
  std::atomic<int> failed_{0};
  std::atomic<int> done_{0};
};

TEST_F(MigrationLoad, NoRequestFailsAndSharesFitWhileWeightsAndFilesChange) {
  std::thread changes([&] { ChangeAllTheTime(); });
  Send(kRequests);
  changes.join();
  ASSERT_EQ(failed_, 0);
  ASSERT_TRUE(WaitForCounted(kRequests));
  const auto counts = Counts();
  const std::array<double, 3> shares = {0.25, 0.375, 0.375};
  double statistic = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = kRequests * shares[i];
    statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  EXPECT_LT(statistic, kMostChiSquare) << counts[0] << " " << counts[1] << " " << counts[2];
  EXPECT_GE(proxy_->Metric(R"(puente_config_reloads_total{result="success"})"), kReloads);
  EXPECT_EQ(proxy_->Metric(R"(puente_config_reloads_total{result="failure"})"), 0);
  EXPECT_EQ(proxy_->Metric("puente_config_last_reload_successful"), 1);
  const std::string split = proxy_->Admin("/splits/migration").body;
  EXPECT_THAT(split, testing::HasSubstr(fmt::format("\"generation\": {}", kWeightChanges + 1)));
  // The last word is what counts from then on.
  ASSERT_EQ(Admin("PUT", "/splits/migration", WeightsOf(0, 1, 0)), 200);
  Send(kAfterwards);
  ASSERT_EQ(failed_, 0);
  ASSERT_TRUE(WaitForCounted(kRequests + kAfterwards));
  EXPECT_EQ(Counts()[1], counts[1] + kAfterwards);
}

}  // namespace
}  // namespace puente::test
