// Reflection on the command line: `run --reflect`, and what check and routes make of it.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>

#include "tests/integration/binary_under_test.h"
#include "tests/integration/reflecting_upstream.h"
#include "tests/support/http_client.h"

namespace puente::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ReflectionCommandTest : public testing::Test {
 protected:
  ReflectionCommandTest() {
    server_.OnStream(kReflectionV1, ReflectBy(AnswersOf(ExampleSet({"billing"}))));
    server_.OnUnary("/billing.v1.BillingService/GetInvoice", UnaryReply{});
  }

  std::string Config(const std::string& target) const {
    return dir_.Write("puente.yaml",
                      fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
                                  "upstreams: [{{name: billing, grpc: {{target: \"{}\"}}}}]\n"
                                  "descriptors:\n"
                                  "  reflection: [{{upstream: billing}}]\n",
                                  target));
  }

  TempDir dir_;
  FakeUpstream server_;
};

TEST_F(ReflectionCommandTest, RunServesWhatTheUpstreamOffers) {
  BinaryUnderTest binary(
      {"run", "--reflect", server_.target(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"});
  const auto admin = binary.WaitForPort("admin on 127.0.0.1:");
  const auto rest = binary.WaitForPort("serves HTTP on 127.0.0.1:");
  ASSERT_TRUE(WaitUntil([&] { return HttpClient::Connect(admin).Get("/readyz").status == 200; }));
  EXPECT_EQ(HttpClient::Connect(rest).Get("/v1/invoices/7").status, 200);
  EXPECT_THAT(binary.Errors(), AllOf(HasSubstr("upstream upstream: reflection gave "),
                                     HasSubstr("serving "), HasSubstr(" routes of 1 services")));
}

TEST_F(ReflectionCommandTest, RunWaitsForItsUpstreamAndSaysSoOnce) {
  FakeUpstream silent;
  BinaryUnderTest binary(
      {"run", "--reflect", silent.target(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"});
  const auto admin = binary.WaitForPort("admin on 127.0.0.1:");
  // The third time: v1 and v1alpha each.
  ASSERT_TRUE(silent.WaitForCalls(5));
  const auto answer = HttpClient::Connect(admin).Get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("waiting for descriptors from upstream upstream: "));
  const std::string log = binary.Errors();
  const auto first = log.find("it does not serve reflection");
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("it does not serve reflection", first + 1), std::string::npos) << log;
  binary.Signal(SIGTERM);
  binary.Signal(SIGINT);
  EXPECT_TRUE(binary.WaitForExit().has_value());
}

TEST_F(ReflectionCommandTest, AServiceWithoutADescriptorIsNamedOnce) {
  FakeUpstream server;
  server.OnStream(
      kReflectionV1,
      ReflectBy([answer = AnswersOf(ExampleSet({"billing"}))](const ReflectionRequest& request) {
        ReflectionResponse response = answer(request);
        if (request.has_list_services()) {
          response.mutable_list_services_response()->add_service()->set_name("a.Ghost");
        }
        return response;
      }));
  const std::string config =
      dir_.Write("often.yaml", fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
                                           "admin: {{address: \"127.0.0.1:0\"}}\n"
                                           "upstreams: [{{name: a, grpc: {{target: \"{}\"}}}}]\n"
                                           "descriptors:\n"
                                           "  reflection: [{{upstream: a, refresh: 100ms}}]\n",
                                           server.target()));
  BinaryUnderTest binary({"run", "--config", config});
  ASSERT_TRUE(server.WaitForCalls(4));
  const std::string log = binary.Errors();
  const std::string named = "upstream a: reflection lists what it has no descriptors of: a.Ghost";
  const auto first = log.find(named);
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find(named, first + 1), std::string::npos) << log;
}

TEST_F(ReflectionCommandTest, ReflectExcludesOtherSources) {
  const std::vector<std::string> kOthers[] = {
      {"--config", "a.yaml"}, {"--descriptors", "a.pb"}, {"--upstream", "127.0.0.1:1"}};
  for (const auto& other : kOthers) {
    const Finished run = RunBinary({"run", "--reflect", server_.target(), other[0], other[1]});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.errors, AllOf(HasSubstr("--reflect"), HasSubstr(other[0])));
  }
}

TEST_F(ReflectionCommandTest, CheckAndRoutesAskTheUpstream) {
  const std::string config = Config(server_.target());
  const Finished check = RunBinary({"check", "--config", config});
  EXPECT_EQ(check.exit_code, 0) << check.errors;
  EXPECT_THAT(check.output, HasSubstr("/v1/invoices/{id}"));
  const Finished routes = RunBinary({"routes", "--config", config});
  EXPECT_EQ(routes.exit_code, 0) << routes.errors;
  EXPECT_EQ(routes.output, check.output);
}

TEST_F(ReflectionCommandTest, AnUpstreamThatIsNotThereIsAProblemAtItsLine) {
  FakeUpstream nobody;
  nobody.Stop();
  const std::string config = Config(nobody.target());
  for (const char* command : {"check", "routes"}) {
    const Finished run = RunBinary({command, "--config", config});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.output, "");
    EXPECT_THAT(run.errors,
                AllOf(HasSubstr("puente.yaml:4:"),
                      HasSubstr("descriptors.reflection[0].upstream: no descriptors from upstream "
                                "billing: UNAVAILABLE: "),
                      HasSubstr("puente: 1 problem found")));
  }
}

}  // namespace
}  // namespace puente::test
