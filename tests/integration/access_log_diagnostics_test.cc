// What the diagnostics say of a request, next to its line in the access log: by its ids both are
// found.
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/integration/access_log_lines.h"
#include "tests/integration/binary_under_test.h"
#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const HeaderList kIds = {{"x-request-id", "r-1"}, {"traceparent", kTrace}};

// The real binary, whose stderr is looked at.
class DiagnosedProxy {
 public:
  explicit DiagnosedProxy(const std::string& redact = {}, const std::string& format = "JSON")
      : config_(Write(redact, format)), binary_({"run", "--config", config_}) {
    port_ = binary_.WaitForPort("serves HTTP on 127.0.0.1:");
  }

  FakeUpstream& upstream() { return upstream_; }
  HttpResponse Get(const std::string& target, const HeaderList& headers = kIds) const {
    return HttpClient::Connect(port_).Get(target, headers);
  }

  std::string Log() const { return binary_.Errors(); }

  // Ends it. The warnings of its log that hold `text`.
  std::vector<std::string> Warnings(const std::string& text) {
    binary_.Signal(SIGTERM);
    EXPECT_EQ(binary_.WaitForExit(), 0);
    std::vector<std::string> warnings;
    std::istringstream lines(binary_.Errors());
    for (std::string line; std::getline(lines, line);) {
      const bool warns = line.find("warning") != line.npos;
      if (warns && line.find(text) != line.npos) warnings.push_back(line);
    }
    return warnings;
  }
  std::string AccessLog() const {
    std::ifstream in(dir_.File("access.log"));
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::string Write(const std::string& redact, const std::string& format) const {
    return dir_.Write(
        "puente.yaml",
        fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
                    "admin: {{address: \"127.0.0.1:0\"}}\n"
                    "descriptors: {{files: [\"{}\"]}}\n"
                    "upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n"
                    "transcoding: {{json: {{unknown_query: WARN}}}}\n"
                    "drain: {{delay: 0s}}\n"
                    "telemetry: {{access_log: {{path: access.log{}}}, log: {{format: {}}}}}\n",
                    ExampleDescriptors(), upstream_.target(), redact, format));
  }

  TempDir dir_;
  FakeUpstream upstream_;
  std::string config_;
  BinaryUnderTest binary_;
  std::uint16_t port_ = 0;
};

TEST(Diagnostics, ARequestThatFailsLeavesOneWarning) {
  struct Case {
    UnaryReply reply;
    const char* text;
  };
  const Case cases[] = {
      {{.status = {grpc::StatusCode::INTERNAL, "so it is"}},
       "answered 500 INTERNAL, upstream examples"},
      {{.status = {grpc::StatusCode::UNAVAILABLE, "so it is"}},
       "answered 503 UNAVAILABLE, upstream_unavailable, upstream examples"},
      {{.bytes = "\xff\xff\xff"}, "answered 500 INTERNAL, bad_answer, upstream examples"},
  };
  for (const Case& c : cases) {
    DiagnosedProxy proxy;
    proxy.upstream().OnUnary(kGetInvoice, c.reply);
    proxy.Get("/v1/invoices/7");
    const std::string expected =
        fmt::format(R"("msg":"billing.v1.BillingService.GetInvoice (GET /v1/invoices/{{id}}): {}",)"
                    R"("request_id":"r-1","trace_id":"{}"}})",
                    c.text, kTraceId);
    EXPECT_THAT(proxy.Warnings("r-1"), ElementsAre(testing::EndsWith(expected)));
  }
}

TEST(Diagnostics, AnUpstreamThatIsAwayIsNamedWithTheFlag) {
  DiagnosedProxy proxy("", "TEXT");
  proxy.upstream().Stop();
  EXPECT_EQ(proxy.Get("/v1/invoices/7").status, 503);
  EXPECT_THAT(proxy.Warnings("request_id=r-1"),
              ElementsAre(testing::EndsWith(
                  fmt::format("(GET /v1/invoices/{{id}}): answered 503 UNAVAILABLE, "
                              "upstream_unavailable, upstream examples request_id=r-1 trace_id={}",
                              kTraceId))));
}

TEST(Diagnostics, WhatIsTheClientsFaultLeavesNone) {
  DiagnosedProxy proxy;
  proxy.upstream().OnUnary(kGetInvoice, {.status = {grpc::StatusCode::NOT_FOUND, "none"}});
  EXPECT_EQ(proxy.Get("/v1/invoices/7").status, 404);
  EXPECT_EQ(proxy.Get("/v1/nothing").status, 404);
  EXPECT_EQ(proxy.Get("/v1/invoices?page_size=x").status, 400);
  EXPECT_EQ(proxy.Get("/v1/invoices/7", {{"grpc-timeout", "0S"}}).status, 504);
  EXPECT_THAT(proxy.Warnings(""), IsEmpty());
}

TEST(Diagnostics, AFloodIsCutDownAndCounted) {
  static const std::regex kLeftOut("; such lines left out before it: ([0-9]+)");
  DiagnosedProxy proxy;
  proxy.upstream().OnUnary(kGetInvoice, {.status = {grpc::StatusCode::INTERNAL, "so it is"}});
  int requests = 0;
  ASSERT_TRUE(WaitUntil([&] {
    proxy.Get("/v1/invoices/7");
    ++requests;
    return std::regex_search(proxy.Log(), kLeftOut);
  }));
  int told = 0;
  std::smatch count;
  for (const std::string& warning : proxy.Warnings("500 INTERNAL")) {
    ++told;
    if (std::regex_search(warning, count, kLeftOut)) told += std::stoi(count[1]);
  }
  EXPECT_EQ(told, requests);
}

TEST(Diagnostics, WhatIsLetPassIsNamedWithTheIds) {
  DiagnosedProxy proxy;
  proxy.upstream().OnUnary(kGetInvoice, UnaryReply{});
  EXPECT_EQ(proxy.Get("/v1/invoices/7?colour=blue&shade[dark]=1").status, 200);
  EXPECT_THAT(
      proxy.Warnings("let pass"),
      ElementsAre(AllOf(HasSubstr(R"(query parameter \"colour\", query parameter \"shade[]\")"),
                        HasSubstr(R"(","request_id":"r-1","trace_id":")"), Not(HasSubstr("blue")),
                        Not(HasSubstr("dark")))));
}

TEST(Diagnostics, AClientsIdsAreHiddenWhenTheirHeadersAre) {
  struct Case {
    const char* redact;
    const char* request_id;
    std::string trace_id;
  };
  const Case cases[] = {
      {", redact_headers: [X-REQUEST-ID]", "REDACTED", kTraceId},
      {", redact_headers: [Traceparent]", "r-1", "REDACTED"},
      {", redact_headers: [x-request-id, traceparent]", "REDACTED", "REDACTED"},
      {"", "r-1", kTraceId},
  };
  for (const Case& c : cases) {
    DiagnosedProxy proxy(c.redact);
    proxy.upstream().OnUnary(kGetInvoice, {.status = {grpc::StatusCode::INTERNAL, "so it is"}});
    const HttpResponse answer = proxy.Get("/v1/invoices/7");
    EXPECT_EQ(answer.Header("x-request-id"), "r-1");
    const std::string request_id = fmt::format(R"("request_id":"{}")", c.request_id);
    const std::string trace_id = fmt::format(R"("trace_id":"{}")", c.trace_id);
    EXPECT_THAT(proxy.Warnings("500 INTERNAL"),
                ElementsAre(AllOf(HasSubstr(request_id), HasSubstr(trace_id))));
    EXPECT_THAT(proxy.AccessLog(), AllOf(HasSubstr(request_id), HasSubstr(trace_id)));
  }
}

TEST(Diagnostics, TheProxysOwnIdsAreNeverHidden) {
  DiagnosedProxy proxy(", redact_headers: [x-request-id, traceparent]");
  proxy.upstream().OnUnary(kGetInvoice, UnaryReply{});
  const auto answer = proxy.Get("/v1/invoices/7", {});
  proxy.Warnings("");
  EXPECT_THAT(proxy.AccessLog(), AllOf(HasSubstr(answer.Header("x-request-id").value_or("none")),
                                       Not(HasSubstr("REDACTED"))));
}

TEST(AccessLogFormats, AreWhatTheConfigurationAsksFor) {
  struct Case {
    const char* format;
    const char* line;
  };
  const Case cases[] = {
      {"LOGFMT",
       R"(ts=[^ ]* msg=access trace_id=[0-9a-f]{32} request_id=r-1 method=GET )"
       R"(route=/v1/invoices/\{id\} status=200 grpc_code=OK upstream=examples traffic=live )"
       R"(duration_ms=[0-9.]* upstream_ms=[0-9.]* bytes_in=0 bytes_out=10 client=127.0.0.1)"},
      {"COMMON", R"(127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] )"
                 R"("GET /v1/invoices/\{id\} HTTP/1\.1" 200 10)"},
  };
  for (const Case& c : cases) {
    AccessLogLines log;
    const InvoiceProxy api(fmt::format("telemetry: {{access_log: {{path: \"{}\", format: {}}}}}",
                                       log.path(), c.format));
    api.proxy.Get("/v1/invoices/7", kIds);
    const std::string line = log.Next();
    EXPECT_TRUE(std::regex_match(line, std::regex(c.line))) << line;
  }
}

}  // namespace
}  // namespace puente::test
