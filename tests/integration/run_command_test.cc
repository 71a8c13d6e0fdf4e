// `puente run` as a process: both forms, and its signals (design section 2).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <csignal>

#include "tests/integration/binary_under_test.h"
#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class RunCommandTest : public testing::Test {
 protected:
  RunCommandTest() {
    upstream_.OnUnary(kGetInvoice, [](const UnaryRequest& request) {
      return UnaryReply{.bytes = request.bytes};
    });
  }

  std::vector<std::string> WithConfig(const std::string& more) const {
    return {"run", "--config",
            dir_.Write("puente.yaml",
                       fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
                                   "admin: {{address: \"127.0.0.1:0\"}}\n"
                                   "descriptors: {{files: [\"{}\"]}}\n"
                                   "upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n{}",
                                   ExampleDescriptors(), upstream_.target(), more))};
  }

  // The ports of a binary that is ready.
  struct Ports {
    explicit Ports(const BinaryUnderTest& binary)
        : admin(binary.WaitForPort("admin on 127.0.0.1:")),
          rest(binary.WaitForPort("serves HTTP on 127.0.0.1:")) {}

    int Readiness() const { return HttpClient::Connect(admin).Get("/readyz").status; }

    std::uint16_t admin;
    std::uint16_t rest;
  };

  TempDir dir_;
  FakeUpstream upstream_;
};

TEST_F(RunCommandTest, ServesAConfigurationFile) {
  BinaryUnderTest binary(WithConfig("drain: {delay: 0s}"));
  const Ports ports(binary);
  ASSERT_EQ(ports.Readiness(), 200);
  EXPECT_EQ(HttpClient::Connect(ports.rest).Get("/v1/invoices/7").body, "{\"id\":\"7\"}");
  binary.Signal(SIGTERM);
  EXPECT_EQ(binary.WaitForExit(), 0);
  EXPECT_EQ(binary.Output(), "");
}

TEST_F(RunCommandTest, ServesWhatItsOptionsSay) {
  BinaryUnderTest binary({"run", "--descriptors", ExampleDescriptors(), "--upstream",
                          upstream_.target(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"});
  const Ports ports(binary);
  ASSERT_EQ(ports.Readiness(), 200);
  EXPECT_EQ(HttpClient::Connect(ports.rest).Get("/v1/invoices/7").body, "{\"id\":\"7\"}");
}

TEST_F(RunCommandTest, DrainsOnSigintAsOnSigterm) {
  BinaryUnderTest binary(WithConfig("drain: {delay: 300ms}"));
  const Ports ports(binary);
  ASSERT_EQ(ports.Readiness(), 200);
  upstream_.HoldReplies();
  auto client = HttpClient::Connect(ports.rest);
  client.Send("GET", "/v1/invoices/7");
  ASSERT_TRUE(upstream_.WaitForCalls(1));
  binary.Signal(SIGINT);
  EXPECT_TRUE(WaitUntil([&] { return ports.Readiness() == 503; }));
  EXPECT_EQ(binary.WaitForExit(milliseconds(500)), std::nullopt);
  upstream_.Release();
  const auto answer = client.ReadResponse();
  EXPECT_EQ(answer.body, "{\"id\":\"7\"}");
  EXPECT_EQ(answer.Header("connection"), "close");
  client.Close();
  EXPECT_EQ(binary.WaitForExit(), 0);
}

TEST_F(RunCommandTest, ASecondSignalEndsItAtOnce) {
  BinaryUnderTest binary(WithConfig("drain: {delay: 60s}"));
  const Ports ports(binary);
  ASSERT_EQ(ports.Readiness(), 200);
  binary.Signal(SIGTERM);
  EXPECT_TRUE(WaitUntil([&] { return ports.Readiness() == 503; }));
  binary.Signal(SIGTERM);
  EXPECT_EQ(binary.WaitForExit(), 128 + SIGTERM);
}

TEST_F(RunCommandTest, SighupAndSigpipeDoNotEndIt) {
  BinaryUnderTest binary(WithConfig("drain: {delay: 0s}"));
  const Ports ports(binary);
  ASSERT_EQ(ports.Readiness(), 200);
  binary.Signal(SIGHUP);
  binary.Signal(SIGPIPE);
  EXPECT_EQ(HttpClient::Connect(ports.rest).Get("/v1/invoices/7").status, 200);
  EXPECT_EQ(binary.WaitForExit(milliseconds(100)), std::nullopt);
}

TEST_F(RunCommandTest, APortThatIsTakenIsNamed) {
  InvoiceProxy other;
  for (const auto& [listen, admin, key] :
       {std::tuple(other.proxy.port(), std::uint16_t{0}, "listeners[0].address"),
        std::tuple(std::uint16_t{0}, other.proxy.port(), "admin.address")}) {
    const std::string file = dir_.Write(
        "taken.yaml", fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:{}\"}}]\n"
                                  "admin: {{address: \"127.0.0.1:{}\"}}\n"
                                  "descriptors: {{files: [\"{}\"]}}\n"
                                  "upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n",
                                  listen, admin, ExampleDescriptors(), upstream_.target()));
    const Finished run = RunBinary({"run", "--config", file});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.errors, HasSubstr(fmt::format("127.0.0.1:{}", other.proxy.port())));
    EXPECT_THAT(run.errors, HasSubstr(key));
    EXPECT_THAT(run.errors, HasSubstr("Address already in use"));
  }
}

TEST_F(RunCommandTest, AMistakeKeepsItFromStarting) {
  const Finished run = RunBinary(WithConfig("colour: blue"));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("puente.yaml:5:1: colour: unknown key"));
  EXPECT_EQ(run.output, "");
}

TEST_F(RunCommandTest, MistakesInOptionsSayWhichOnes) {
  const Finished run = RunBinary({"run", "--descriptors", dir_.File("missing.pb"), "--upstream",
                                  upstream_.target(), "--listen", "nowhere"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("missing.pb"));
  EXPECT_THAT(run.errors, HasSubstr("listeners[0].address: expected an IP address and a port"));
  EXPECT_THAT(run.errors, HasSubstr("command line"));
}

}  // namespace
}  // namespace puente::test
