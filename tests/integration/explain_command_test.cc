// `puente explain` (design section 2).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "examples/json_subset.h"
#include "tests/integration/binary_under_test.h"
#include "tests/integration/proxy_under_test.h"
#include "tests/support/temp_dir.h"

namespace puente::test {
namespace {

using examples::FindJsonDifference;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ExplainCommandTest : public testing::Test {
 protected:
  Finished Explain(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"explain", "--descriptors", ExampleDescriptors()});
    return RunBinary(arguments);
  }

  Finished ExplainConfig(const std::string& more, std::vector<std::string> arguments) const {
    const std::string file = dir_.Write(
        "puente.yaml", fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:8080\"}}]\n"
                                   "descriptors: {{files: [\"{}\"]}}\n{}",
                                   ExampleDescriptors(), more));
    arguments.insert(arguments.begin(), {"explain", "--config", file});
    return RunBinary(arguments);
  }

  TempDir dir_;
};

constexpr const char* kTwoUpstreams = R"(upstreams:
- {name: billing, grpc: {targets: ["127.0.0.1:1", "127.0.0.1:2"]}}
- {name: other, grpc: {target: "127.0.0.1:3"}}
routes:
- {match: {service: auth.v1.AuthService}, upstream: other}
- {match: {service: billing.v1.BillingService}, upstream: billing, timeout: 3s}
)";

TEST_F(ExplainCommandTest, ARequestThatWouldBeMade) {
  const Finished run =
      ExplainConfig(kTwoUpstreams, {"POST", "/v1/customers/c%201/invoices?validateOnly=true",
                                    "--header", "X-Tenant: acme", "--header", "host: api.example",
                                    "--header", "x-request-id: r-1", "--header", "trace-bin: AQI",
                                    "--body", R"({"total":{"units":"5"}})"});
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(run.errors, "");
  EXPECT_EQ(run.output, R"(request   POST /v1/customers/c%201/invoices?validateOnly=true
route     POST /v1/customers/{customer_id}/invoices (annotation)
method    billing.v1.BillingService.CreateInvoice, unary
gRPC path /billing.v1.BillingService/CreateInvoice
path      "customer_id" = "c 1" -> customer_id (string)
query     "validateOnly" = "true" -> validate_only (bool)
body      invoice (billing.v1.Invoice)
request   {"customerId":"c 1","invoice":{"total":{"units":"5"}},"validateOnly":true}
          customer_id: "c 1"
          invoice {
            total {
              units: 5
            }
          }
          validate_only: true
metadata  x-tenant: acme
          trace-bin: AQI=
          x-forwarded-for: 127.0.0.1
          x-forwarded-proto: http
          x-forwarded-host: api.example
          x-request-id: r-1
          traceparent: (one for each request)
deadline  3s
upstream  billing (127.0.0.1:1, 127.0.0.1:2), by routes[1]
)");
}

TEST_F(ExplainCommandTest, TheBodyThatAMethodNeeds) {
  const Finished run = Explain({"POST", "/v1/customers/1/invoices"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output,
              AllOf(HasSubstr("none is given, which is {}; it takes {id: string, customerId: "),
                    HasSubstr("lines: repeated billing.v1.Line, "),
                    HasSubstr("labels: map<string, string>, "), Not(HasSubstr("upstream"))));
  EXPECT_THAT(Explain({"GET", "/v1/invoices/7"}).output, HasSubstr("body      none is taken\n"));
}

TEST_F(ExplainCommandTest, ABodyFromAFile) {
  const std::string file = dir_.Write("body.json", R"({"id":"7"})");
  const Finished run = Explain({"POST", "/v1/customers/1/invoices", "-b", "@" + file});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output, HasSubstr(R"({"customerId":"1","invoice":{"id":"7"}})"));
}

TEST_F(ExplainCommandTest, AWrongValue) {
  const Finished run = Explain({"GET", "/v1/invoices?page_size=ten"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(
      run.output,
      AllOf(HasSubstr("refused   400 INVALID_ARGUMENT: query parameter \"page_size\": expected a "
                      "number of type int32\n"),
            HasSubstr(R"(answer    {"code":3,"message":"query parameter \"page_size\": )"),
            HasSubstr("\"page_size\" = \"ten\" -> page_size (int32) -> refused: ")));
}

TEST_F(ExplainCommandTest, NoRoute) {
  const Finished run = Explain({"GET", "/v1/invoices/7/lines"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(
      run.output,
      AllOf(HasSubstr("refused   404 NOT_FOUND: no route for this path\n"),
            HasSubstr("near      GET /v1/invoices/{id}: matches up to segment 3, then `lines` is "
                      "one too many\n")));
}

TEST_F(ExplainCommandTest, AnotherMethod) {
  const Finished run = Explain({"DELETE", "/v1/invoices/7"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, AllOf(HasSubstr("refused   405 UNIMPLEMENTED: "),
                                HasSubstr("Allow: GET, HEAD, OPTIONS\n"),
                                HasSubstr("GET /v1/invoices/{id}: serves this path, under GET\n")));
}

TEST_F(ExplainCommandTest, ControlCharactersDoNotReachTheTerminal) {
  const Finished run = Explain({"GET", "/v1/invoices/%1b%5B31m%ff?x%07=%1b"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, AllOf(HasSubstr("\"\\u001b[31m\xef\xbf\xbd\""), Not(HasSubstr("\x1b")),
                                Not(HasSubstr("\x07"))));
}

TEST_F(ExplainCommandTest, WhereARouteComesFrom) {
  EXPECT_THAT(Explain({"POST", "/billing.v1.BillingService/GetInvoice"}).output,
              HasSubstr("/billing.v1.BillingService/GetInvoice (automatic)\n"));
  const Finished additional =
      RunBinary({"explain", "-d", PUENTE_STREAMS_DESCRIPTORS, "GET", "/v1/rooms/r/items"});
  EXPECT_EQ(additional.exit_code, 0);
  EXPECT_THAT(additional.output,
              HasSubstr("GET /v1/rooms/{room}/items (annotation, additional binding 2)\n"));

  dir_.Write("rules.yaml", R"(type: google.api.Service
http:
  rules:
  - {selector: billing.v1.BillingService.GetInvoice, get: "/bills/{id}"}
)");
  const Finished rule = ExplainConfig(
      "upstreams: [{name: a, grpc: {target: \"127.0.0.1:1\"}}]\n"
      "transcoding: {rules: rules.yaml}\n",
      {"GET", "/bills/7"});
  EXPECT_EQ(rule.exit_code, 0) << rule.errors;
  EXPECT_THAT(rule.output, AllOf(HasSubstr("GET /bills/{id} ("), HasSubstr("rules.yaml:4)\n")));
}

TEST_F(ExplainCommandTest, HeadersWithUnderscores) {
  const std::string upstream = "upstreams: [{name: a, grpc: {target: \"127.0.0.1:1\"}}]\n";
  const std::vector<std::string> request = {"GET", "/v1/invoices/7", "-H", "x_y: 1"};
  const Finished dropped = ExplainConfig(upstream, request);
  EXPECT_EQ(dropped.exit_code, 0);
  EXPECT_THAT(dropped.output,
              AllOf(HasSubstr("without x_y (headers_with_underscores)"), Not(HasSubstr("x_y: 1"))));
  const Finished allowed = ExplainConfig(upstream + "headers_with_underscores: ALLOW\n", request);
  EXPECT_EQ(allowed.exit_code, 0);
  EXPECT_THAT(allowed.output, HasSubstr("x_y: 1"));
  EXPECT_EQ(ExplainConfig(upstream + "headers_with_underscores: REJECT\n", request).exit_code, 1);
}

TEST_F(ExplainCommandTest, WhatTheProxyRefusesBesideRoutesAndBodies) {
  const std::string limits =
      "upstreams: [{name: a, grpc: {target: \"127.0.0.1:1\", max_metadata_bytes: 2048}}]\n"
      "limits: {max_header_bytes: 4096, max_headers: 5}\n";
  const std::string long_text(3000, 'x');
  const std::string too_long(5000, 'x');
  const struct {
    std::vector<std::string> request;
    const char* refused;
  } kCases[] = {
      {{"GET", "/v1/invoices/7", "-H", "grpc-timeout: 0S"}, "504 DEADLINE_EXCEEDED: "},
      {{"POST", "/v1/customers/1/invoices", "-b", "{}", "-H", "content-encoding: br"},
       "415 INVALID_ARGUMENT: the Content-Encoding is not supported"},
      {{"GET", "/v1/invoices/7", "-H", "expect: tea"}, "417 INVALID_ARGUMENT: "},
      {{"GET", "/v1/invoices/7", "-H", "x: " + long_text},
       "431 INVALID_ARGUMENT: the headers are too large for the upstream"},
      {{"GET", "/v1/invoices/7", "-H", "x: " + too_long},
       "431 INVALID_ARGUMENT: the request head is too large"},
      {{"GET", "/v1/invoices/" + too_long}, "414 INVALID_ARGUMENT: "},
      {{"GET", "/v1/invoices/7", "-H", "a: 1", "-H", "b: 1", "-H", "c: 1", "-H", "d: 1", "-H",
        "e: 1"},
       "431 INVALID_ARGUMENT: too many header fields"},
      {{"GET", "/v1/invoices/7", "-H", "host: a", "-H", "host: b"},
       "400 INVALID_ARGUMENT: more than one Host header"},
      {{"GET", "http://other/v1/invoices/7", "-H", "host: api"},
       "400 INVALID_ARGUMENT: the request target is neither a path nor a URL of the host"},
      {{"GET", "*"}, "400 INVALID_ARGUMENT: the request target \"*\" is for OPTIONS only"},
      {{"GET", "/v1/invoices/\xc3\xa4"}, "400 INVALID_ARGUMENT: a byte outside of printable ASCII"},
  };
  for (const auto& c : kCases) {
    const Finished run = ExplainConfig(limits, c.request);
    EXPECT_EQ(run.exit_code, 1) << c.refused << run.errors;
    EXPECT_THAT(run.output, HasSubstr(std::string("refused   ") + c.refused));
  }
}

TEST_F(ExplainCommandTest, TargetsThatAreNoPaths) {
  const Finished absolute = Explain({"GET", "http://api.example/v1/invoices/7"});
  EXPECT_EQ(absolute.exit_code, 0);
  EXPECT_THAT(absolute.output, AllOf(HasSubstr("GET /v1/invoices/{id} (annotation)\n"),
                                     HasSubstr("x-forwarded-host: api.example\n")));
  const Finished asterisk = Explain({"OPTIONS", "*"});
  EXPECT_EQ(asterisk.exit_code, 0);
  EXPECT_THAT(asterisk.output,
              HasSubstr("answer    204 without a call; Allow: DELETE, GET, HEAD, OPTIONS, PATCH, "
                        "POST, PUT\n"));
}

TEST_F(ExplainCommandTest, AGzipBodyIsNotLookedInto) {
  const Finished run = Explain(
      {"POST", "/v1/customers/1/invoices", "-b", "\x1f\x8b", "-H", "content-encoding: gzip"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output, AllOf(HasSubstr("; this one is gzip, and not looked into\n"),
                                Not(HasSubstr("request   {"))));
}

TEST_F(ExplainCommandTest, AnInvalidTraceIsReplaced) {
  const Finished run =
      Explain({"GET", "/v1/invoices/7", "-H", "traceparent: 00-0-0-00", "-H", "tracestate: a=b"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output, AllOf(HasSubstr("traceparent: (one for each request)\n"),
                                Not(HasSubstr("00-0-0-00")), Not(HasSubstr("tracestate"))));
}

TEST_F(ExplainCommandTest, DeadlinesOfUnaryCallsAndOfStreams) {
  const std::string upstream = "upstreams: [{name: a, grpc: {target: \"127.0.0.1:1\"}}]\n";
  const std::pair<std::vector<std::string>, const char*> kCases[] = {
      {{"GET", "/v1/invoices/7"}, "deadline  15s\n"},
      {{"GET", "/v1/invoices/7", "-H", "grpc-timeout: 1M"}, "deadline  15s\n"},
      {{"GET", "/v1/invoices/7", "-H", "grpc-timeout: 2S"},
       "deadline  2s (grpc-timeout; the route's is 15s)\n"},
      {{"GET", "/v1/invoices:watch"}, "deadline  none; 15s for the first answer\n"},
      {{"GET", "/v1/invoices:watch", "-H", "grpc-timeout: 1M"},
       "deadline  1m (grpc-timeout); 15s for the first answer\n"},
  };
  for (const auto& [request, deadline] : kCases) {
    EXPECT_THAT(ExplainConfig(upstream, request).output, HasSubstr(deadline));
  }
}

TEST_F(ExplainCommandTest, AsJson) {
  const Finished made = ExplainConfig(
      kTwoUpstreams, {"--json", "GET", "/v1/invoices/7", "-H", "authorization: Bearer x"});
  EXPECT_EQ(made.exit_code, 0);
  EXPECT_EQ(FindJsonDifference(R"({
    "request": "GET /v1/invoices/7",
    "route": {"httpMethod": "GET", "path": "/v1/invoices/{id}", "source": "annotation",
              "service": "billing.v1.BillingService", "method": "GetInvoice", "kind": "unary",
              "grpcPath": "/billing.v1.BillingService/GetInvoice"},
    "pathVariables": [{"name": "id", "value": "7", "field": "id", "type": "string",
                       "outcome": "bound"}],
    "queryParameters": [],
    "messages": [{"json": {"id": "7"}, "text": "id: \"7\"\n"}],
    "deadline": "3s",
    "upstream": {"name": "billing", "target": "127.0.0.1:1, 127.0.0.1:2", "by": "routes[1]"}})",
                               made.output),
            std::nullopt)
      << made.output;

  const Finished refused = Explain({"--json", "GET", "/v1/invoces"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(FindJsonDifference(R"({
    "request": "GET /v1/invoces",
    "refused": {"status": 404, "code": "NOT_FOUND", "message": "no route for this path",
                "body": {"code": 5}},
    "nearMisses": [{"httpMethod": "GET", "path": "/v1/invoices",
                    "why": "`invoces` should be `invoices`"}]})",
                               refused.output),
            std::nullopt)
      << refused.output;
}

constexpr const char* kMigration = R"(upstreams:
- {name: legacy, http: {url: "http://127.0.0.1:9000/base"}}
- {name: old, http: {urls: ["http://127.0.0.1:1", "http://127.0.0.1:2"]}}
- {name: billing, grpc: {target: "127.0.0.1:3"}}
routes:
- {match: {path_prefix: /legacy/}, upstream: old, timeout: 2s}
- {match: {path_prefix: /api/}, split: {name: api, backends: [{upstream: billing, weight: 7}, {upstream: legacy, weight: 1}, {upstream: old, weight: 2}]}}
- match: {service: billing.v1.BillingService}
  split:
    name: move
    backends: [{upstream: legacy, weight: 3}, {upstream: billing, weight: 1}]
    sticky: {header: x-user-id}
    override_header: X-To
  retry: {attempts: 2, on: [UNAVAILABLE, ABORTED]}
  circuit_breaker: {failures: 7}
  fallback: legacy
  shadow: {upstream: billing, percent: 12.5, compare: true}
  rollout: {to: billing, steps: [25, 100]}
)";

TEST_F(ExplainCommandTest, ASplitLeftToChance) {
  const Finished run = ExplainConfig(kMigration, {"GET", "/v1/invoices/7"});
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_THAT(run.output, AllOf(HasSubstr("request   {\"id\":\"7\"}\n"), HasSubstr(R"(
deadline  15s
split     move, by routes[2]
          legacy (http://127.0.0.1:9000/base): weight 3, 75 %
          billing (127.0.0.1:3): weight 1, 25 %
choice    by chance: the request lacks the header x-user-id
forwards  GET /base/v1/invoices/7
headers   host: localhost
          x-forwarded-for: 127.0.0.1
          x-forwarded-proto: http
          x-forwarded-host: localhost
          x-request-id: (one for each request)
          traceparent: (one for each request)
retry     up to 2 tries, on UNAVAILABLE, ABORTED; at most 20 % of all calls
breaker   opens for 1m after 7 failures in a row; 1024 calls at a time
fallback  legacy (http://127.0.0.1:9000/base), while the breaker is open
shadow    billing (127.0.0.1:3): copies of 12.5 % of calls without side effects, compared
rollout   of billing: 25, 100 %, a step every 1m
)")));
}

// The callers of the same keys as in the proxy: tests/proxy/weighted_choice_test.cc pins the hash.
TEST_F(ExplainCommandTest, WhichBackendACallerGets) {
  int of_billing = 0;
  for (int i = 0; i < 40; ++i) {
    const Finished run = ExplainConfig(
        kMigration, {"GET", "/v1/invoices/7", "--header", fmt::format("x-user-id: u-{}", i)});
    const bool calls = run.output.find("       -> billing (127.0.0.1:3)") != std::string::npos;
    const bool forwards = run.output.find("       -> legacy (http:") != std::string::npos;
    EXPECT_NE(calls, forwards) << run.output;
    EXPECT_EQ(calls, run.output.find("gRPC path") != std::string::npos);
    EXPECT_EQ(forwards, run.output.find("forwards  GET /base/v1") != std::string::npos);
    EXPECT_THAT(run.output,
                HasSubstr("choice    by the header x-user-id, as long as the file's weights hold"));
    of_billing += calls ? 1 : 0;
  }
  EXPECT_GT(of_billing, 2);
  EXPECT_LT(of_billing, 20);
}

TEST_F(ExplainCommandTest, ABackendThatTheRequestAsksFor) {
  const auto explain = [&](const std::string& name, const std::string& query) {
    return ExplainConfig(kMigration,
                         {"GET", "/v1/invoices/7" + query, "--header", "x-to: " + name});
  };
  // Nothing is wrong with what is not looked into.
  const Finished legacy = explain("legacy", "?x=1");
  EXPECT_EQ(legacy.exit_code, 0);
  EXPECT_THAT(
      legacy.output,
      AllOf(HasSubstr("       -> legacy"), HasSubstr("choice    by the header x-to\n"),
            HasSubstr("forwards  GET /base/v1/invoices/7?x=1\n"),
            HasSubstr("deadline  15s for the beginning of the answer\n"), Not(HasSubstr("x-to: ")),
            Not(HasSubstr("refused")), Not(HasSubstr("metadata"))));
  const Finished billing = explain("billing", "?x=1");
  EXPECT_EQ(billing.exit_code, 1);
  EXPECT_THAT(billing.output, AllOf(HasSubstr("refused   400"), HasSubstr("       -> billing"),
                                    Not(HasSubstr("as it came")), Not(HasSubstr("x-to: ")),
                                    Not(HasSubstr("forwards"))));
  const Finished other = explain("old", "");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.output, HasSubstr("refused   400 INVALID_ARGUMENT: header 'x-to': expected "
                                      "legacy or billing\n"));
}

TEST_F(ExplainCommandTest, WhatOnlyTheGrpcUpstreamsRefuse) {
  const Finished run = ExplainConfig(kMigration, {"GET", "/v1/invoices/7?x=1"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output,
              HasSubstr("          where it goes to gRPC; an HTTP upstream gets it as it came\n"));
}

TEST_F(ExplainCommandTest, PathsThatNoMethodIsBoundTo) {
  const Finished one = ExplainConfig(
      kMigration, {"DELETE", "/legacy/a%20b?c=d", "--header", "Cookie: e=f", "--body", "any"});
  EXPECT_EQ(one.exit_code, 0) << one.errors;
  EXPECT_THAT(one.output, HasSubstr(R"(request   DELETE /legacy/a%20b?c=d
route     /legacy/** (path_prefix)
deadline  2s for the beginning of the answer
upstream  old (http://127.0.0.1:1, http://127.0.0.1:2), by routes[0]
forwards  DELETE /legacy/a%20b?c=d
headers   host: localhost
          Cookie: e=f
)"));
  EXPECT_THAT(ExplainConfig(kMigration, {"OPTIONS", "/legacy/"}).output,
              HasSubstr("forwards  OPTIONS /legacy/\n"));
  // What a gRPC upstream can't take, the others share.
  EXPECT_THAT(ExplainConfig(kMigration, {"GET", "/api/x"}).output,
              AllOf(HasSubstr("          legacy (http://127.0.0.1:9000/base): weight 1, 33.33 %\n"
                              "          old (http://127.0.0.1:1, http://127.0.0.1:2): weight 2, "
                              "66.67 %\n"),
                    HasSubstr("choice    by chance\n"), Not(HasSubstr("billing"))));
  EXPECT_EQ(ExplainConfig(kMigration, {"GET", "/elsewhere"}).exit_code, 1);
}

TEST_F(ExplainCommandTest, AMethodThatNoRouteTakes) {
  const Finished run = ExplainConfig(kMigration, {"POST", "/auth.v1.AuthService/VerifyToken"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, HasSubstr("refused   404 NOT_FOUND: no route serves this path\n"));
}

TEST_F(ExplainCommandTest, ASplitAsJson) {
  const Finished chance = ExplainConfig(kMigration, {"GET", "/v1/invoices/7", "--json"});
  EXPECT_EQ(FindJsonDifference(R"({"split": {"name": "move", "by": "routes[2]",
      "choice": "by chance: the request lacks the header x-user-id", "backends": [
        {"name": "legacy", "target": "http://127.0.0.1:9000/base", "weight": 3, "share": "75 %"},
        {"name": "billing", "target": "127.0.0.1:3", "weight": 1, "share": "25 %"}]},
      "forwarded": {"request": "GET /base/v1/invoices/7"},
      "policies": {"fallback": "legacy (http://127.0.0.1:9000/base), while the breaker is open"}})",
                               chance.output),
            std::nullopt);
  EXPECT_THAT(chance.output, Not(HasSubstr("\"upstream\": {")));
  const Finished asked =
      ExplainConfig(kMigration, {"GET", "/v1/invoices/7", "--json", "--header", "x-to: legacy"});
  EXPECT_EQ(FindJsonDifference(
                R"({"upstream": {"name": "legacy", "by": "routes[2]"}, "split": {"name": "move"}})",
                asked.output),
            std::nullopt);
  const Finished path = ExplainConfig(kMigration, {"GET", "/legacy/x", "--json"});
  EXPECT_EQ(FindJsonDifference(
                R"({"pathPrefix": "/legacy/**", "upstream": {"name": "old", "by": "routes[0]"},
                    "forwarded": {"request": "GET /legacy/x"}})",
                path.output),
            std::nullopt);
}

TEST_F(ExplainCommandTest, WhatIsWrongWithTheConfigurationIsTold) {
  const Finished run = ExplainConfig("workers: many\n", {"GET", "/"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.output, "");
  EXPECT_THAT(run.errors, HasSubstr("workers: "));
}

TEST_F(ExplainCommandTest, BadUsageIs2) {
  const std::pair<std::vector<std::string>, const char*> kCases[] = {
      {{"explain", "GET", "/x"}, "--config FILE or --descriptors FILE"},
      {{"explain", "-d", ExampleDescriptors(), "GET"}, "TARGET"},
      {{"explain", "-d", ExampleDescriptors(), "GET", "/x", "-H", "nothing"}, "name: value"},
      {{"explain", "-d", ExampleDescriptors(), "GET", "/x", "-H", "a: 1\r\nb: 2"}, "name: value"},
      {{"explain", "-d", ExampleDescriptors(), "GET", "/x\r\nb: 2"}, "one line"},
      {{"explain", "-d", ExampleDescriptors(), "GET", "/x", "-b", "@/no/such/file"},
       "/no/such/file"},
  };
  for (const auto& [arguments, says] : kCases) {
    const Finished run = RunBinary(arguments);
    EXPECT_EQ(run.exit_code, 2) << says;
    EXPECT_THAT(run.errors, HasSubstr(says));
  }
}

}  // namespace
}  // namespace puente::test
