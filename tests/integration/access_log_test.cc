// One line per request (design section 5): what it says of those that end well, and of those that
// do not.
#include <regex>

#include "tests/integration/access_log_lines.h"
#include "tests/integration/binary_under_test.h"
#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kCreatePath[] = "/v1/customers/c/invoices";

class AccessLogOf : public testing::Test {
 protected:
  const ProxyUnderTest& proxy() const { return api_.proxy; }
  FakeUpstream& upstream() { return api_.upstream; }

  AccessLogLines log_;
  InvoiceProxy api_{log_.Config()};
};

TEST_F(AccessLogOf, ARequestHasItsKeysInOrder) {
  proxy().Get("/v1/invoices/7", {{"traceparent", kTrace}, {"x-request-id", "r-1"}});
  const std::string line = log_.Next();
  const std::regex expected(
      R"(\{"ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","msg":"access",)"
      R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","request_id":"r-1","method":"GET",)"
      R"("route":"/v1/invoices/\{id\}","status":200,"grpc_code":"OK","upstream":"examples",)"
      R"("traffic":"live","duration_ms":\d+\.\d{3},"upstream_ms":\d+\.\d{3},"bytes_in":0,)"
      R"("bytes_out":10,"client":"127.0.0.1"\})");
  EXPECT_TRUE(std::regex_match(line, expected)) << line;
}

TEST_F(AccessLogOf, ARequestHasTheIdsThatGoUpstream) {
  const auto answer = proxy().Get("/v1/invoices/7");
  const std::string line = log_.Next();
  const Metadata metadata = upstream().Calls().at(0).metadata;
  const auto traceparent = FindMetadata(metadata, "traceparent");
  ASSERT_TRUE(traceparent);
  EXPECT_THAT(line, Says(fmt::format(R"({{"trace_id": "{}"}})", traceparent->substr(3, 32))));
  EXPECT_THAT(line, Says(fmt::format(R"({{"request_id": "{}"}})",
                                     answer.Header("x-request-id").value_or("none"))));
}

TEST_F(AccessLogOf, BodiesAreCountedAsTheyWereSent) {
  auto client = proxy().Connect();
  client.Post(kCreatePath, R"({"labels": {}})");
  EXPECT_THAT(log_.Next(), Says(R"({"method": "POST", "bytes_in": 14, "bytes_out": 2})"));
  client.Send("POST", kCreatePath, {{"Transfer-Encoding", "chunked"}});
  client.SendChunk(R"({"labels")");
  client.SendChunk(R"(: {}})");
  client.SendChunk("");
  client.ReadResponse();
  EXPECT_THAT(log_.Next(), Says(R"({"status": 200, "bytes_in": 14, "bytes_out": 2})"));
  client.Request("HEAD", "/v1/invoices/7");
  EXPECT_THAT(log_.Next(), Says(R"({"method": "HEAD", "status": 200, "bytes_out": 0})"));
  const auto error = client.Get("/v1/nothing");
  EXPECT_THAT(log_.Next(), Says(fmt::format(R"({{"bytes_out": {}}})", error.body.size())));
}

TEST_F(AccessLogOf, WhatComesToNoCallSaysWhy) {
  struct Case {
    const char* method;
    const char* target;
    HeaderList headers;
    std::string body;
    const char* says;
  };
  const Case cases[] = {
      {"GET",
       "/v1/nothing",
       {},
       "",
       R"({"route": "unmatched", "status": 404, "grpc_code": "NOT_FOUND", "flags": ["no_route"]})"},
      {"DELETE",
       "/v1/invoices/7",
       {},
       "",
       R"({"method": "DELETE", "route": "unmatched", "status": 405, "grpc_code": "UNIMPLEMENTED",
           "flags": ["method_not_allowed"]})"},
      {"BREW",
       "/v1/invoices/7",
       {},
       "",
       R"({"method": "BREW", "status": 405, "flags": ["method_not_allowed"]})"},
      {"POST",
       kCreatePath,
       {},
       "{",
       R"({"route": "/v1/customers/{customer_id}/invoices", "status": 400,
           "grpc_code": "INVALID_ARGUMENT", "flags": ["bad_request"]})"},
      {"POST",
       kCreatePath,
       {{"Content-Type", "text/plain"}},
       "{}",
       R"({"status": 415, "flags": ["bad_request"]})"},
      {"GET", "/v1/invoices/7?colour=blue", {}, "", R"({"status": 400, "flags": ["bad_request"]})"},
      {"GET",
       "/v1/invoices/7",
       {{"grpc-timeout", "0S"}},
       "",
       R"({"status": 504, "grpc_code": "DEADLINE_EXCEEDED", "flags": ["deadline"]})"},
      {"GET",
       "/v1/invoices/%zz",
       {},
       "",
       R"({"route": "unmatched", "status": 400, "flags": ["bad_request"]})"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(fmt::format("{} {}", c.method, c.target));
    proxy().Connect().Request(c.method, c.target, c.headers, c.body);
    EXPECT_THAT(log_.Next(), AllOf(Says(c.says), HasNo("upstream"), HasNo("upstream_ms")));
  }
}

TEST_F(AccessLogOf, OptionsAreNoFailure) {
  proxy().Connect().Request("OPTIONS", "/v1/invoices/7");
  EXPECT_THAT(log_.Next(),
              AllOf(Says(R"({"method": "OPTIONS", "route": "unmatched", "status": 204})"),
                    HasNo("grpc_code"), HasNo("upstream"), HasNo("flags")));
}

TEST_F(AccessLogOf, WhatIsNoHttpIsRefused) {
  struct Case {
    std::string bytes;
    const char* says;
  };
  const Case cases[] = {
      {"GET /v1/invoices/7 HTTP/1.1\r\n\r\n", R"({"method": "GET", "status": 400})"},
      {"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", R"({"method": "_OTHER", "status": 400})"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: r-9\r\ntraceparent: " + std::string(kTrace) +
           "\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       R"({"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "request_id": "r-9", "status": 400})"},
  };
  for (const Case& c : cases) {
    AskRaw(proxy(), c.bytes);
    EXPECT_THAT(log_.Next(),
                AllOf(Says(c.says), Says(R"({"route": "unmatched", "client": "127.0.0.1",
                                             "grpc_code": "INVALID_ARGUMENT",
                                             "flags": ["bad_request"]})")))
        << c.bytes;
  }
}

TEST_F(AccessLogOf, TheUpstreamsOwnErrorHasNoFlag) {
  for (const auto& [code, says] :
       {std::pair(grpc::StatusCode::NOT_FOUND, R"({"status": 404, "grpc_code": "NOT_FOUND"})"),
        std::pair(grpc::StatusCode::CANCELLED, R"({"status": 499, "grpc_code": "CANCELLED"})"),
        std::pair(grpc::StatusCode::INTERNAL, R"({"status": 500, "grpc_code": "INTERNAL"})")}) {
    upstream().OnUnary(kGetInvoice, {.status = {code, "so it is"}});
    proxy().Get("/v1/invoices/7");
    EXPECT_THAT(log_.Next(), AllOf(Says(says), Says(R"({"upstream": "examples"})"), HasNo("flags"),
                                   HasSubstr("\"upstream_ms\":"), Not(HasSubstr("so it is"))));
  }
}

// gRPC does not tell it from a connection that broke.
TEST_F(AccessLogOf, AnUpstreamThatSaysSoIsUnavailable) {
  upstream().OnUnary(kGetInvoice, {.status = {grpc::StatusCode::UNAVAILABLE, "so it is"}});
  proxy().Get("/v1/invoices/7");
  EXPECT_THAT(log_.Next(), Says(R"({"status": 503, "grpc_code": "UNAVAILABLE",
                                    "upstream": "examples", "flags": ["upstream_unavailable"]})"));
}

TEST_F(AccessLogOf, AnUpstreamThatIsAwayIsUnavailable) {
  upstream().Stop();
  proxy().Get("/v1/invoices/7");
  EXPECT_THAT(log_.Next(), Says(R"({"status": 503, "grpc_code": "UNAVAILABLE",
                                    "upstream": "examples", "flags": ["upstream_unavailable"]})"));
}

TEST_F(AccessLogOf, AnUpstreamThatIsTooSlowMissesTheDeadline) {
  upstream().HoldReplies();
  proxy().Get("/v1/invoices/7", {{"grpc-timeout", "100m"}});
  const std::string line = log_.Next();
  EXPECT_THAT(line, Says(R"({"status": 504, "grpc_code": "DEADLINE_EXCEEDED",
                             "upstream": "examples", "flags": ["deadline"]})"));
  // 100 ms or more.
  EXPECT_THAT(line, ContainsRegex("\"upstream_ms\":[0-9]{3,}\\."));
  EXPECT_THAT(line, ContainsRegex("\"duration_ms\":[0-9]{3,}\\."));
}

// The call is fine, its message is not one.
TEST_F(AccessLogOf, AnAnswerThatCannotBePassedOnIsBad) {
  upstream().OnUnary(kGetInvoice, {.bytes = "\xff\xff\xff"});
  proxy().Get("/v1/invoices/7");
  EXPECT_THAT(log_.Next(), Says(R"({"status": 500, "grpc_code": "OK", "flags": ["bad_answer"]})"));
}

TEST_F(AccessLogOf, AClientThatLeavesIsNamed) {
  upstream().HoldReplies();
  auto client = proxy().Connect();
  client.Send("GET", "/v1/invoices/7");
  ASSERT_TRUE(upstream().WaitForCalls(1));
  client.Close();
  EXPECT_THAT(log_.Next(), Says(R"({"status": 499, "grpc_code": "CANCELLED", "bytes_out": 0,
                                    "flags": ["client_left"]})"));

  auto uploader = proxy().Connect();
  uploader.SendRaw(
      "POST /v1/customers/c/invoices HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{");
  uploader.Close();
  EXPECT_THAT(log_.Next(), AllOf(Says(R"({"status": 499, "grpc_code": "CANCELLED", "bytes_in": 1,
                                          "flags": ["client_left"]})"),
                                 HasNo("upstream")));
}

TEST(AccessLog, HasNothingThatARequestCarries) {
  AccessLogLines log;
  InvoiceProxy api(log.Config());
  const std::string secret = "s3cr3t";
  auto client = api.proxy.Connect();
  client.Get("/v1/invoices/" + secret + "?mask=" + secret);
  client.Get("/v1/" + secret + "/nothing?token=" + secret);
  client.Get("/v1/invoices/7", {{"authorization", "Bearer " + secret},
                                {"cookie", "session=" + secret},
                                {"x-" + secret, secret},
                                {"x-forwarded-for", secret},
                                {"user-agent", secret},
                                {"x-request-id", "not usable " + secret},
                                {"traceparent", "00-" + secret}});
  client.Post(kCreatePath, "{\"" + secret + "\": \"" + secret + "\"}");
  api.upstream.OnUnary(kGetInvoice,
                       {.status = {grpc::StatusCode::ABORTED, secret},
                        .trailing_metadata = {{"x-trail", secret}, {"x-request-id", secret}}});
  client.Get("/v1/invoices/8");
  AskRaw(api.proxy, "GET /" + secret + " HTTP/1.1\r\nHost: " + secret + "\r\nX: \x01\r\n\r\n");
  AskRaw(api.proxy, secret + "/\" / HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 7; ++i) EXPECT_THAT(log.Next(), Not(HasSubstr(secret)));
  EXPECT_EQ(log.All().size(), 7u);
}

TEST(AccessLog, IsNotWrittenForTheAdminListener) {
  AccessLogLines log;
  const InvoiceProxy api(log.Config());
  api.proxy.Admin("/readyz");
  api.proxy.Get("/v1/invoices/7");
  EXPECT_THAT(log.Next(), HasSubstr("/v1/invoices/{id}"));
  EXPECT_EQ(log.All().size(), 1u);
}

TEST(AccessLog, IsFollowedWhenItIsMoved) {
  AccessLogLines log;
  const InvoiceProxy api(log.Config());
  api.proxy.Get("/v1/invoices/7");
  ASSERT_NE(log.Next(), "");
  std::filesystem::rename(log.path(), log.path() + ".1");
  ASSERT_TRUE(WaitUntil([&] { return std::filesystem::exists(log.path()); }));
  api.proxy.Post(kCreatePath, "{}");
  ASSERT_TRUE(WaitUntil([&] { return !log.All().empty(); }));
  EXPECT_THAT(log.All(), testing::ElementsAre(HasSubstr("\"POST\"")));
}

TEST(AccessLog, ThatCannotBeWrittenKeepsNoRequestFromItsAnswer) {
  const InvoiceProxy api("telemetry: {access_log: {path: /dev/full}}");
  EXPECT_EQ(api.proxy.Get("/v1/invoices/7").status, 200);
  EXPECT_TRUE(WaitUntil([&] { return api.proxy.Metric("puente_access_log_dropped_total") == 1; }));
}

TEST(AccessLog, IsCompleteAfterADrain) {
  const AccessLogLines log;
  InvoiceProxy api(log.Config() + "\ndrain: {delay: 0s, timeout: 20s}");
  api.upstream.HoldReplies();
  auto client = api.proxy.Connect();
  client.Send("GET", "/v1/invoices/7");
  ASSERT_TRUE(api.upstream.WaitForCalls(1));
  api.proxy.app().BeginDrain();
  api.upstream.Release();
  EXPECT_EQ(client.ReadResponse().status, 200);
  client.Close();
  EXPECT_TRUE(api.proxy.app().WaitUntilDrained());
  api.proxy.Stop();
  EXPECT_THAT(log.All(), testing::ElementsAre(Says(R"({"status": 200, "grpc_code": "OK"})")));
}

TEST(AccessLog, SaysWhatADrainHasCut) {
  const AccessLogLines log;
  InvoiceProxy api(log.Config() + "\ndrain: {delay: 0s, timeout: 200ms}");
  api.upstream.HoldReplies();
  auto client = api.proxy.Connect();
  client.Send("GET", "/v1/invoices/7");
  ASSERT_TRUE(api.upstream.WaitForCalls(1));
  api.proxy.app().BeginDrain();
  EXPECT_FALSE(api.proxy.app().WaitUntilDrained());
  api.proxy.Stop();
  EXPECT_THAT(log.All(), testing::ElementsAre(Says(R"({"status": 499, "flags": ["shutdown"]})")));
}

// `puente run` and `puente check` with this in the configuration.
class AccessLogCommand : public testing::Test {
 protected:
  std::string ConfigWith(const std::string& telemetry) const {
    return dir_.Write("puente.yaml",
                      fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
                                  "admin: {{address: \"127.0.0.1:0\"}}\n"
                                  "descriptors: {{files: [\"{}\"]}}\n"
                                  "upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n"
                                  "drain: {{delay: 0s}}\n{}\n",
                                  ExampleDescriptors(), upstream_.target(), telemetry));
  }

  // What the binary has written to stdout, after it answered one request and was ended.
  std::string OutputWith(const std::string& telemetry) const {
    BinaryUnderTest binary({"run", "--config", ConfigWith(telemetry)});
    const auto port = binary.WaitForPort("serves HTTP on 127.0.0.1:");
    HttpClient::Connect(port).Get("/v1/nothing");
    binary.Signal(SIGTERM);
    EXPECT_EQ(binary.WaitForExit(), 0) << binary.Errors();
    return binary.Output();
  }

  TempDir dir_;
  FakeUpstream upstream_;
};

TEST_F(AccessLogCommand, WritesToStdoutByDefaultAndFlushesAtTheEnd) {
  const std::string output = OutputWith("telemetry: {access_log: {}}");
  EXPECT_THAT(output, Says(R"({"msg": "access", "status": 404})"));
  EXPECT_EQ(std::ranges::count(output, '\n'), 1) << output;
}

TEST_F(AccessLogCommand, WritesNoneWithoutTheSection) { EXPECT_EQ(OutputWith(""), ""); }

TEST_F(AccessLogCommand, WritesNextToItsConfiguration) {
  EXPECT_EQ(OutputWith("telemetry: {access_log: {path: access.log}}"), "");
  EXPECT_TRUE(std::filesystem::exists(dir_.File("access.log")));
}

TEST_F(AccessLogCommand, ThatCannotOpenItNamesTheLine) {
  const std::string file = ConfigWith("telemetry:\n  access_log:\n    path: missing/access.log");
  for (const char* command : {"run", "check"}) {
    const Finished run = RunBinary({command, "--config", file});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.errors, HasSubstr(fmt::format("{}:8:5: telemetry.access_log.path: can't write "
                                                  "to {}: No such file or directory",
                                                  file, dir_.File("missing/access.log"))));
    EXPECT_THAT(run.errors, HasSubstr("1 problem found"));
  }
  EXPECT_EQ(RunBinary({"check", "--config", ConfigWith("telemetry: {access_log: {path: a.log}}")})
                .exit_code,
            0);
  EXPECT_FALSE(std::filesystem::exists(dir_.File("a.log")));
}

}  // namespace
}  // namespace puente::test
