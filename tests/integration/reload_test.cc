// Files that are read anew while the process runs: whole or not at all (design sections 3 and 6).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "examples/json_subset.h"
#include "tests/integration/binary_under_test.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/migration_proxy.h"
#include "tests/proxy/logged_lines.h"
#include "tests/support/certificates.h"

namespace puente::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr char kReloaded[] = R"(puente_config_reloads_total{result="success"})";
constexpr char kRefused[] = R"(puente_config_reloads_total{result="failure"})";
constexpr char kLastReload[] = "puente_config_last_reload_successful";

// A configuration of one listener, with the migration's backends.
class ReloadTest : public testing::Test {
 protected:
  std::string Config(int legacy_weight, int billing_weight, const std::string& split = {},
                     const std::string& more = {}) const {
    return ExampleConfig(backends_.Config(legacy_weight, billing_weight, split) + more);
  }

  // As a whole, so that nobody reads half of it.
  std::string Write(const std::string& text, const std::string& name = "puente.yaml") const {
    const std::string path = dir_.File(name);
    fs::rename(dir_.Write(name + ".new", text), path);
    return path;
  }

  // Files are watched; a test that says when they are read sees nothing of that: what is read
  // twice is the same both times.
  void Start(const std::string& text) { proxy_.emplace(ProxyUnderTest::FromFile(Write(text))); }
  // Files are read only when they are asked for.
  void StartUnwatched(const std::string& text) {
    proxy_.emplace(ProxyUnderTest::FromFile(Write(text), /*is_watched=*/false));
  }

  HttpResponse Post(const std::string& path) const {
    return HttpClient::Connect(proxy_->admin_port()).Post(path, "");
  }
  HttpResponse Reload() const { return Post("/reload"); }
  HttpResponse Reload(const std::string& text) const {
    Write(text);
    return Reload();
  }

  std::string ServedBy() const {
    HttpClient client = proxy_->Connect();
    return test::ServedBy(client);
  }
  bool WaitForServedBy(const std::string& upstream) const {
    return WaitUntil([&] { return ServedBy() == upstream; });
  }
  void PutWeights(int legacy, int billing) const {
    EXPECT_EQ(HttpClient::Connect(proxy_->admin_port())
                  .Request("PUT", "/splits/migration", {}, WeightsBody(legacy, billing))
                  .status,
              200);
  }

  const TempDir dir_;
  MigrationBackends backends_;
  std::optional<ProxyUnderTest> proxy_;
};

// What keeps `response` from being 200 with at least what `json` says.
std::string DifferenceFrom(const std::string& json, const HttpResponse& response) {
  if (response.status != 200) return fmt::format("{} {}", response.status, response.body);
  return examples::FindJsonDifference(json, response.body).value_or("");
}

// What POST /reload answers when nothing of it came into force.
MATCHER(IsRefusedReload, "") {
  *result_listener << arg.status << " " << arg.body;
  return arg.status == 400 && arg.Header("Content-Type") == "application/json" &&
         !examples::FindJsonDifference(R"({"code": 3, "reloaded": false})", arg.body);
}

// --- What sets it off

TEST_F(ReloadTest, AFileThatChangesIsServed) {
  Start(Config(1, 0));
  EXPECT_EQ(ServedBy(), "legacy");
  EXPECT_EQ(proxy_->Metric(kReloaded), 0);
  EXPECT_EQ(proxy_->Metric(kLastReload), 1);
  Write(Config(0, 1));
  EXPECT_TRUE(WaitForServedBy("billing"));
  EXPECT_TRUE(WaitUntil([&] { return proxy_->Metric(kReloaded) == 1; }));
  EXPECT_EQ(proxy_->Metric(WeightSeries("billing")), 1);
}

TEST_F(ReloadTest, AFileThatIsWrittenInPlaceIsServed) {
  Start(Config(1, 0));
  dir_.Write("puente.yaml", Config(0, 1));
  EXPECT_TRUE(WaitForServedBy("billing"));
}

// How Kubernetes replaces a ConfigMap: puente.yaml -> ..data/puente.yaml, ..data -> ..<version>.
TEST_F(ReloadTest, AConfigMapThatIsReplacedIsServed) {
  const auto put = [&](const std::string& version, const std::string& text) {
    fs::create_directory(dir_.File(version));
    dir_.Write(version + "/puente.yaml", text);
    fs::create_symlink(version, dir_.File("..data_tmp"));
    fs::rename(dir_.File("..data_tmp"), dir_.File("..data"));
  };
  put("..1", Config(1, 0));
  fs::create_symlink("..data/puente.yaml", dir_.File("puente.yaml"));
  proxy_.emplace(ProxyUnderTest::FromFile(dir_.File("puente.yaml")));
  EXPECT_EQ(ServedBy(), "legacy");
  put("..2", Config(0, 1));
  fs::remove_all(dir_.File("..1"));
  EXPECT_TRUE(WaitForServedBy("billing"));
  put("..3", Config(1, 0));
  EXPECT_TRUE(WaitForServedBy("legacy"));
}

TEST_F(ReloadTest, ASignalIsEnough) {
  const BinaryUnderTest binary({"run", "--config", Write(Config(1, 0))});
  const std::uint16_t admin = binary.WaitForPort("admin on 127.0.0.1:");
  ASSERT_NE(binary.WaitForPort("serves HTTP on 127.0.0.1:"), 0);
  ASSERT_TRUE(WaitUntil([&] { return HttpClient::Connect(admin).Get("/readyz").status == 200; }));
  binary.Signal(SIGHUP);
  EXPECT_TRUE(WaitUntil([&] {
    return binary.Errors().find("reload (SIGHUP): nothing changed") != std::string::npos;
  })) << binary.Errors();
  EXPECT_THAT(HttpClient::Connect(admin).Get("/metrics").body,
              HasSubstr(fmt::format("\n{} 1\n", kReloaded)));
}

// --- What comes of it

TEST_F(ReloadTest, PostReloadTellsWhatChanged) {
  StartUnwatched(Config(1, 0));
  EXPECT_EQ(DifferenceFrom(R"({"reloaded": true, "changes": []})", Reload()), "");
  const HttpResponse changed = Reload(Config(0, 1, ", sticky: {header: x-user-id}"));
  EXPECT_EQ(DifferenceFrom(R"({"reloaded": true, "changes": [
      "routes[0].split.backends[0].weight: 1 -> 0", "routes[0].split.backends[1].weight: 0 -> 1",
      "routes[0].split.sticky: added"]})",
                           changed),
            "");
  EXPECT_EQ(ServedBy(), "billing");
  EXPECT_EQ(proxy_->Metric(kReloaded), 2);
  EXPECT_EQ(proxy_->Metric(kRefused), 0);
}

TEST_F(ReloadTest, AMistakeIs400WithAllOfThemAndTheLastGoodStays) {
  StartUnwatched(Config(1, 0));
  const HttpResponse refused = Reload(
      Config(0, 1, ", override_header: 'a b'", "colour: blue\nlimits: {max_headers: none}\n"));
  EXPECT_THAT(refused, IsRefusedReload());
  EXPECT_THAT(refused.body, HasSubstr("puente.yaml:"));
  EXPECT_THAT(refused.body, HasSubstr("colour: unknown key"));
  EXPECT_THAT(refused.body, HasSubstr("limits.max_headers: "));
  EXPECT_THAT(refused.body, HasSubstr("override_header: this is no name of a header"));
  EXPECT_EQ(ServedBy(), "legacy");
  EXPECT_EQ(proxy_->Metric(kRefused), 1);
  EXPECT_EQ(proxy_->Metric(kLastReload), 0);
  const HttpResponse ready = proxy_->Admin("/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_THAT(ready.body, HasSubstr("colour: unknown key"));
  EXPECT_EQ(Reload(Config(0, 1)).status, 200);
  EXPECT_EQ(ServedBy(), "billing");
  EXPECT_EQ(proxy_->Metric(kReloaded), 1);
  EXPECT_EQ(proxy_->Metric(kLastReload), 1);
  EXPECT_EQ(proxy_->Admin("/readyz").body, "ready\n");
}

TEST_F(ReloadTest, WhatTheFilesLeadToIsCheckedAsWell) {
  StartUnwatched(Config(1, 0));
  const struct {
    std::string text;
    const char* message;
  } kCases[] = {
      {"listeners: [", "puente.yaml:"},
      {"", "listeners"},
      {Config(0, 1, "", "transcoding: {services: [no.such.Service]}\n"), "no.such.Service"},
      {Config(0, 1, "", "transcoding: {rules: missing.yaml}\n"), "missing.yaml"},
  };
  for (const auto& c : kCases) {
    const HttpResponse refused = Reload(c.text);
    EXPECT_THAT(refused, IsRefusedReload()) << c.text;
    EXPECT_THAT(refused.body, HasSubstr(c.message)) << c.text;
    EXPECT_EQ(ServedBy(), "legacy") << c.text;
  }
  fs::remove(dir_.File("puente.yaml"));
  EXPECT_THAT(Reload().body, HasSubstr("puente.yaml"));
  EXPECT_EQ(ServedBy(), "legacy");
}

TEST_F(ReloadTest, AMistakeInAFileThatIsWatchedIsServedOnceItIsSetRight) {
  Start(Config(1, 0));
  Write("colour: blue\n");
  EXPECT_TRUE(WaitUntil([&] { return proxy_->Metric(kRefused) == 1; }));
  EXPECT_EQ(ServedBy(), "legacy");
  Write(Config(0, 1));
  EXPECT_TRUE(WaitForServedBy("billing"));
  EXPECT_TRUE(WaitUntil([&] { return proxy_->Metric(kLastReload) == 1; }));
}

TEST_F(ReloadTest, WhatIsBoundNeedsARestart) {
  StartUnwatched(Config(1, 0));
  std::string other = Config(0, 1);
  other.replace(other.find("name: rest"), 10, "name: more");
  for (const std::string& text : {other, Config(0, 1, "", "workers: 7\n")}) {
    const HttpResponse refused = Reload(text);
    EXPECT_THAT(refused, IsRefusedReload());
    EXPECT_THAT(refused.body, HasSubstr("needs a restart"));
  }
  EXPECT_THAT(Reload(other).body, HasSubstr("puente.yaml:1:"));
  EXPECT_EQ(ServedBy(), "legacy");
}

TEST_F(ReloadTest, PagesOfOtherOriginsMayNotReload) {
  StartUnwatched(Config(1, 0));
  EXPECT_EQ(HttpClient::Connect(proxy_->admin_port())
                .Post("/reload", "", {{"Origin", "https://evil.example"}})
                .status,
            403);
  EXPECT_EQ(proxy_->Admin("/reload").status, 405);
  EXPECT_EQ(proxy_->Metric(kReloaded), 0);
}

// --- Weights

TEST_F(ReloadTest, WeightsSetByHandOutliveAReloadOfAnUnchangedEntry) {
  StartUnwatched(Config(1, 0));
  PutWeights(0, 1);
  ASSERT_EQ(Reload().status, 200);
  EXPECT_EQ(ServedBy(), "billing");
  // Something else changes.
  ASSERT_EQ(Reload(Config(1, 0, ", override_header: x-try", "limits: {max_headers: 50}\n")).status,
            200);
  EXPECT_EQ(ServedBy(), "billing");
  EXPECT_EQ(DifferenceFrom(R"({"source": "ADMIN", "weights": {"legacy": 0, "billing": 1}})",
                           proxy_->Admin("/splits/migration")),
            "");
  ASSERT_EQ(Reload(Config(2, 0)).status, 200);
  EXPECT_EQ(ServedBy(), "legacy");
  EXPECT_EQ(DifferenceFrom(R"({"source": "FILE", "weights": {"legacy": 2, "billing": 0},
                               "generation": 3})",
                           proxy_->Admin("/splits/migration")),
            "");
}

// --- Descriptors

class DescriptorReloadTest : public ReloadTest {
 protected:
  // `contract`: of the example APIs.
  void Replace(const std::string& contract) const {
    fs::copy_file(contract.empty() ? ExampleDescriptors() : ExampleDescriptors(contract),
                  dir_.File("api.pb.new"), fs::copy_options::overwrite_existing);
    fs::rename(dir_.File("api.pb.new"), dir_.File("api.pb"));
  }

  std::string WithDescriptors(const std::string& more = {}) const {
    return fmt::format(
        "listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
        "admin: {{address: \"127.0.0.1:0\"}}\n"
        "descriptors: {{files: [api.pb]{}}}\n"
        "upstreams: [{{name: billing, grpc: {{target: \"{}\"}}}}]\n",
        more, backends_.billing.target());
  }
};

TEST_F(DescriptorReloadTest, ANewMethodIsServedAsSoonAsItsDescriptorsAreThere) {
  Replace("auth");
  Start(WithDescriptors());
  EXPECT_EQ(proxy_->Get("/v1/invoices/7").status, 404);
  Replace("");
  EXPECT_TRUE(WaitForServedBy("billing"));
  EXPECT_THAT(proxy_->Admin("/routes").body, HasSubstr("/v1/invoices/{id}"));
}

TEST_F(DescriptorReloadTest, ABreakingChangeIsServedWithAWarning) {
  const LoggedLines logged;
  Replace("");
  Start(WithDescriptors());
  Replace("auth");
  EXPECT_TRUE(WaitUntil([&] { return proxy_->Get("/v1/invoices/7").status == 404; }));
  proxy_.reset();
  EXPECT_THAT(logged.Text(), HasSubstr("[warning] reload: breaking: billing.v1.BillingService: "));
}

TEST_F(DescriptorReloadTest, ABreakingChangeCanBeRefused) {
  Replace("");
  StartUnwatched(WithDescriptors(", on_breaking_change: REFUSE"));
  Replace("auth");
  const HttpResponse refused = Reload();
  EXPECT_THAT(refused, IsRefusedReload());
  EXPECT_THAT(refused.body, HasSubstr("on_breaking_change is REFUSE"));
  EXPECT_THAT(refused.body, HasSubstr(R"("breaking": [)"));
  EXPECT_THAT(refused.body, HasSubstr("billing.v1.BillingService"));
  EXPECT_EQ(ServedBy(), "billing");
  EXPECT_EQ(proxy_->Metric(kLastReload), 0);
  // What was refused once is refused again, and an addition is none.
  EXPECT_EQ(Reload().status, 400);
  EXPECT_EQ(Reload(WithDescriptors(", on_breaking_change: WARN")).status, 200);
  EXPECT_EQ(proxy_->Get("/v1/invoices/7").status, 404);
}

TEST_F(DescriptorReloadTest, DescriptorsThatAreNoneAreRefused) {
  Replace("");
  StartUnwatched(WithDescriptors());
  Write("no descriptors", "api.pb");
  const HttpResponse refused = Reload();
  EXPECT_THAT(refused, IsRefusedReload());
  EXPECT_THAT(refused.body, HasSubstr("api.pb"));
  EXPECT_EQ(ServedBy(), "billing");
}

// --- Connections and requests in flight

TEST_F(ReloadTest, ConnectionsOfUpstreamsThatStayTheSameAreKept) {
  const std::string one_worker = "workers: 1\n";
  StartUnwatched(Config(1, 0, "", one_worker));
  EXPECT_EQ(ServedBy(), "legacy");
  ASSERT_EQ(Reload(Config(2, 0, "", one_worker + "limits: {max_headers: 50}\n")).status, 200);
  EXPECT_EQ(ServedBy(), "legacy");
  EXPECT_EQ(backends_.legacy.connection_count(), 1U);
  std::string other = Config(2, 0, "", one_worker);
  other.replace(other.find("http: {"), 7, "http: {idle_timeout: 7s, ");
  ASSERT_EQ(Reload(other).status, 200);
  EXPECT_EQ(ServedBy(), "legacy");
  EXPECT_EQ(backends_.legacy.connection_count(), 2U);
  // Those of the upstream as it was are closed.
  EXPECT_TRUE(WaitUntil([&] { return backends_.legacy.open_count() == 1; }));
}

TEST_F(ReloadTest, ARequestInFlightEndsAsItBegan) {
  StartUnwatched(Config(0, 1));
  backends_.billing.HoldReplies();
  HttpClient client = proxy_->Connect();
  client.Send("GET", "/v1/invoices/7");
  ASSERT_TRUE(backends_.billing.WaitForCalls(1));
  // Neither its route nor its upstream are there any more.
  ASSERT_EQ(Reload(ExampleConfig(
                       fmt::format("upstreams: [{{name: legacy, http: {{url: \"{}\"}}}}]\n"
                                   "routes: [{{match: {{path_prefix: /}}, upstream: legacy}}]\n",
                                   backends_.legacy.url())))
                .status,
            200);
  EXPECT_EQ(ServedBy(), "legacy");
  EXPECT_FALSE(client.HasInput(std::chrono::milliseconds(0)));
  backends_.billing.Release();
  EXPECT_EQ(client.ReadResponse().body, R"({"id":"billing"})");
  // The next one on the same connection is served as all are.
  EXPECT_EQ(test::ServedBy(client), "legacy");
  EXPECT_EQ(backends_.billing.CallCount(), 1U);
}

TEST_F(ReloadTest, LimitsOfTheNextRequestAreTheNewOnes) {
  StartUnwatched(Config(1, 0));
  HttpClient client = proxy_->Connect();
  const HeaderList headers = {{"X-A", "1"}, {"X-B", "2"}, {"X-C", "3"}};
  EXPECT_EQ(client.Get("/v1/invoices/7", headers).status, 200);
  ASSERT_EQ(Reload(Config(1, 0, "", "limits: {max_headers: 3}\n")).status, 200);
  EXPECT_EQ(proxy_->Get("/v1/invoices/7", headers).status, 431);
}

// --- Certificates

class CertificateReloadTest : public ReloadTest {
 protected:
  CertificateReloadTest() { Replace(files_.authority); }

  void Replace(const CertificateAuthority& authority) const {
    const KeyPair pair = authority.Issue("next", {"localhost", {"DNS:localhost"}});
    fs::copy_file(pair.private_key, dir_.File("tls.key"), fs::copy_options::overwrite_existing);
    fs::copy_file(pair.certificate, dir_.File("tls.crt"), fs::copy_options::overwrite_existing);
  }

  std::string TlsConfig() const {
    std::string text = Config(1, 0);
    text.replace(text.find("name: rest"), 10,
                 "name: rest, tls: {certificate: tls.crt, private_key: tls.key}");
    return text;
  }

  // Whether a new connection is served for a client that trusts `authority`.
  bool IsServed(const CertificateAuthority& authority) const {
    try {
      HttpClient client = Connect(authority);
      return test::ServedBy(client) == "legacy";
    } catch (const ClientError&) {
      return false;
    }
  }

  HttpClient Connect(const CertificateAuthority& authority) const {
    return proxy_->Connect({.tls = ClientTls{.ca = authority.file()}});
  }

  double Reloads(const char* result) const {
    return proxy_->Metric(
        fmt::format(R"(puente_tls_reloads_total{{listener="rest",result="{}"}})", result));
  }

  TestCertificates files_;
};

TEST_F(CertificateReloadTest, NewConnectionsGetTheNewCertificateAndOldOnesGoOn) {
  Start(TlsConfig());
  HttpClient before = Connect(files_.authority);
  EXPECT_EQ(test::ServedBy(before), "legacy");
  EXPECT_FALSE(IsServed(files_.other_authority));
  Replace(files_.other_authority);
  EXPECT_TRUE(WaitUntil([&] { return IsServed(files_.other_authority); }));
  EXPECT_FALSE(IsServed(files_.authority));
  EXPECT_EQ(test::ServedBy(before), "legacy");
  EXPECT_TRUE(WaitUntil([&] { return Reloads("success") == 1; }));
  EXPECT_EQ(Reloads("failure"), 0);
}

TEST_F(CertificateReloadTest, ACertificateThatIsNoneIsRefusedAndCounted) {
  Start(TlsConfig());
  Write("no certificate", "tls.crt");
  EXPECT_TRUE(WaitUntil([&] { return proxy_->Metric(kRefused) == 1; }));
  EXPECT_EQ(Reloads("failure"), 1);
  EXPECT_EQ(Reloads("success"), 0);
  EXPECT_TRUE(IsServed(files_.authority));
  Replace(files_.other_authority);
  EXPECT_TRUE(WaitUntil([&] { return IsServed(files_.other_authority); }));
  EXPECT_EQ(Reloads("success"), 1);
}

}  // namespace
}  // namespace puente::test
