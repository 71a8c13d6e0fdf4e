// Routes for paths, whatever the descriptors know of them (design section 3 and rule 12).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "tests/integration/invoice_proxy.h"
#include "tests/integration/migration_proxy.h"

namespace puente::test {
namespace {

using testing::IsEmpty;

constexpr char kOtherAnswer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n"
    "{\"id\":\"other\"}";

constexpr char kLegacyRoute[] = "{match: {path_prefix: /legacy/}, upstream: legacy}";
constexpr char kBillingRoute[] = "{match: {service: billing.v1.BillingService}, upstream: billing}";
constexpr char kOtherRoute[] = "{match: {path_prefix: /v1/}, upstream: other}";

// The upstreams "legacy" and "other" (HTTP) and "billing" (gRPC), under these routes.
struct PrefixProxy {
  explicit PrefixProxy(const std::string& routes)
      : proxy(ProxyUnderTest::FromConfig(ExampleConfig(
            fmt::format("upstreams:\n"
                        "- {{name: legacy, http: {{url: \"{}\"}}}}\n"
                        "- {{name: other, http: {{url: \"{}\"}}}}\n"
                        "- {{name: billing, grpc: {{target: \"{}\"}}}}\n"
                        "routes: [{}]\n",
                        backends.legacy.url(), other.url(), backends.billing.target(), routes)))) {}

  // The upstream that answers, or the status.
  std::string ServedBy(std::string_view method, std::string_view target) const {
    const HttpResponse answer = proxy.Connect().Request(method, target);
    for (const char* name : {"legacy", "other", "billing"}) {
      if (answer.body == fmt::format(R"({{"id":"{}"}})", name)) return name;
    }
    return std::to_string(answer.status);
  }

  MigrationBackends backends;
  RecordingUpstream other{kOtherAnswer};
  ProxyUnderTest proxy;
};

std::string Routes(std::initializer_list<const char*> routes) {
  return fmt::format("{}", fmt::join(routes, ", "));
}

struct ServedCase {
  const char* method;
  const char* target;
  const char* served;  // upstream, or status
};

template <class Cases>
void Check(const PrefixProxy& under_test, const Cases& cases) {
  for (const ServedCase& c : cases) {
    EXPECT_EQ(under_test.ServedBy(c.method, c.target), c.served) << c.method << " " << c.target;
  }
}

TEST(PathPrefixTest, TheFirstRouteThatMatchesWins) {
  const PrefixProxy service_first(Routes({kLegacyRoute, kBillingRoute, kOtherRoute}));
  Check(service_first, std::to_array<ServedCase>({
                           {"GET", "/legacy/", "legacy"},
                           {"GET", "/legacy/a/b?c=d", "legacy"},
                           {"POST", "/legacy/a", "legacy"},
                           {"GET", "/v1/invoices/7", "billing"},
                           {"GET", "/v1/unknown", "other"},
                           {"GET", "/legacy", "404"},
                           {"GET", "/Legacy/a", "404"},
                           {"GET", "/", "404"},
                           {"GET", "/nowhere", "404"},
                       }));
  const PrefixProxy prefix_first(Routes({kOtherRoute, kBillingRoute, kLegacyRoute}));
  Check(prefix_first, std::to_array<ServedCase>({
                          {"GET", "/v1/invoices/7", "other"},
                          {"GET", "/v1/unknown", "other"},
                          {"POST", "/billing.v1.BillingService/GetInvoice", "billing"},
                          {"GET", "/legacy/a", "legacy"},
                      }));
  const PrefixProxy nested(
      Routes({"{match: {path_prefix: /legacy/new/}, upstream: other}", kLegacyRoute}));
  Check(nested, std::to_array<ServedCase>({
                    {"GET", "/legacy/new/a", "other"},
                    {"GET", "/legacy/newer", "legacy"},
                }));
}

TEST(PathPrefixTest, AMethodThatAKnownPathHasNotGoesToThePrefix) {
  const PrefixProxy under_test(Routes({kBillingRoute, kOtherRoute}));
  Check(under_test, std::to_array<ServedCase>({
                        {"DELETE", "/v1/invoices/7", "other"},
                        {"OPTIONS", "/v1/invoices/7", "other"},
                        {"PROPFIND", "/v1/invoices/7", "other"},
                        {"GET", "/v1/invoices/7", "billing"},
                        {"DELETE", "/billing.v1.BillingService/GetInvoice", "405"},
                    }));
  const PrefixProxy without(Routes({kBillingRoute, kLegacyRoute}));
  Check(without, std::to_array<ServedCase>({
                     {"DELETE", "/v1/invoices/7", "405"},
                     {"OPTIONS", "/v1/invoices/7", "204"},
                     {"GET", "/v1/unknown", "404"},
                 }));
}

// What no descriptor knows can't become a call.
TEST(PathPrefixTest, OfAMixedSplitHttpUpstreamsGetWhatIsNoMethod) {
  const PrefixProxy under_test(
      "{match: {path_prefix: /}, split: {name: m, override_header: x-puente-upstream, backends: "
      "[{upstream: billing, weight: 1}, {upstream: other, weight: 0}]}}");
  Check(under_test, std::to_array<ServedCase>({
                        {"GET", "/v1/invoices/7", "billing"},
                        {"GET", "/nowhere", "other"},
                        {"DELETE", "/v1/invoices/7", "other"},
                    }));
  const auto forced = under_test.proxy.Get("/nowhere", {{"x-puente-upstream", "billing"}});
  EXPECT_EQ(FindErrorDifference(forced, 404, 5), std::nullopt);
}

TEST(PathPrefixTest, OfGrpcUpstreamsAloneItServesMethodsOnly) {
  const PrefixProxy under_test("{match: {path_prefix: /v1/}, upstream: billing}");
  Check(under_test, std::to_array<ServedCase>({
                        {"GET", "/v1/invoices/7", "billing"},
                        {"GET", "/v1/unknown", "404"},
                        {"DELETE", "/v1/invoices/7", "405"},
                        // It is known, but no route names it.
                        {"POST", "/billing.v1.BillingService/GetInvoice", "404"},
                    }));
}

TEST(PathPrefixTest, TraceAndConnectAreNeverServed) {
  const PrefixProxy under_test("{match: {path_prefix: /}, upstream: legacy}");
  EXPECT_EQ(under_test.ServedBy("TRACE", "/legacy/a"), "405");
  EXPECT_EQ(under_test.ServedBy("TRACE", "/v1/invoices/7"), "405");
  HttpClient client = under_test.proxy.Connect();
  client.SendRaw("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");
  EXPECT_EQ(client.ReadResponse("GET").status, 405);
  EXPECT_THAT(under_test.backends.legacy.Requests(), IsEmpty());
}

TEST(PathPrefixTest, EscapesOfWhatNeedsNoneDoNotHideAPath) {
  const PrefixProxy under_test(Routes({kLegacyRoute}));
  for (const char* target : {"/%6Cegacy/a", "/%6c%65gacy/a%20b", "/legacy/%2F%2e%3F"}) {
    EXPECT_EQ(under_test.ServedBy("GET", target), "legacy") << target;
    EXPECT_EQ(under_test.backends.legacy.Last().line, fmt::format("GET {} HTTP/1.1", target));
  }
  EXPECT_EQ(under_test.ServedBy("GET", "/legacy%2Fa"), "404");
  EXPECT_EQ(under_test.ServedBy("GET", "/legacy%2f/a"), "404");
}

TEST(PathPrefixTest, DotSegmentsAndBadEscapesAre400) {
  const PrefixProxy under_test("{match: {path_prefix: /}, upstream: legacy}");
  for (const char* target :
       {"/legacy/../admin", "/legacy/..", "/legacy/./a", "/.", "/legacy/%2e%2e/admin",
        "/legacy/.%2E", "/legacy/%2E", "/legacy/%zz", "/legacy/%0", "/legacy/a%00b"}) {
    EXPECT_EQ(under_test.ServedBy("GET", target), "400") << target;
  }
  EXPECT_THAT(under_test.backends.legacy.Requests(), IsEmpty());
  EXPECT_EQ(under_test.ServedBy("GET", "/legacy/a..b/...//c"), "legacy");
}

struct SmugglingCase {
  const char* name;
  std::string_view bytes;
};

class Smuggling : public testing::TestWithParam<SmugglingCase> {};

TEST_P(Smuggling, Is400AndReachesNoUpstream) {
  const PrefixProxy under_test("{match: {path_prefix: /}, upstream: legacy}");
  const RawAnswer answer = AskRaw(under_test.proxy, GetParam().bytes);
  EXPECT_EQ(FindErrorDifference(answer.response, 400, 3), std::nullopt);
  EXPECT_EQ(answer.rest, "");
  EXPECT_THAT(under_test.backends.legacy.Requests(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, Smuggling,
    testing::Values(
        SmugglingCase{"LengthAndChunked",
                      "POST /legacy/a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n"},
        SmugglingCase{"TwoLengths",
                      "POST /legacy/a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
                      "Content-Length: 5\r\n\r\nbody!"},
        SmugglingCase{"ListOfLengths",
                      "POST /legacy/a HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\nbody"},
        SmugglingCase{"SignedLength",
                      "POST /legacy/a HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nbody"},
        SmugglingCase{"OtherCoding",
                      "POST /legacy/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                      "xchunked\r\n\r\n0\r\n\r\n"},
        SmugglingCase{"CodingTwice",
                      "POST /legacy/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        SmugglingCase{"ChunkedInHttp10",
                      "POST /legacy/a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: "
                      "chunked\r\n\r\n0\r\n\r\n"},
        SmugglingCase{"SpaceBeforeColon",
                      "POST /legacy/a HTTP/1.1\r\nHost: a\r\nContent-Length : 4\r\n\r\nbody"},
        SmugglingCase{"FoldedLine",
                      "GET /legacy/a HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n Content-Length: 4\r\n\r\n"},
        SmugglingCase{"BareLineFeed", "GET /legacy/a HTTP/1.1\nHost: a\nX-A: b\n\n\r\n\r\n"},
        SmugglingCase{"BareCarriageReturn",
                      "GET /legacy/a HTTP/1.1\r\nHost: a\r\nX-A: b\rX-C: d\r\n\r\n"},
        SmugglingCase{"NoHost", "GET /legacy/a HTTP/1.1\r\n\r\n"},
        SmugglingCase{"TwoHosts", "GET /legacy/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"}),
    [](const auto& info) { return std::string(info.param.name); });

// The body is under way to the upstream when the mistake comes.
TEST(PathPrefixTest, ABadChunkCutsTheUpstreamsRequest) {
  const PrefixProxy under_test("{match: {path_prefix: /}, upstream: legacy}");
  HttpClient client = under_test.proxy.Connect();
  client.SendRaw(
      "POST /legacy/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\nbody\r\nxyz\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(FindErrorDifference(client.ReadResponse("POST"), 400, 3), std::nullopt);
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_TRUE(WaitUntil([&] { return under_test.backends.legacy.open_count() == 0; }));
  EXPECT_THAT(under_test.backends.legacy.Requests(), IsEmpty());
}

TEST(PathPrefixTest, MetricsNameThePrefixNeverThePath) {
  const PrefixProxy under_test(Routes({kLegacyRoute, kBillingRoute, kOtherRoute}));
  for (int i = 0; i < 3; ++i) {
    under_test.ServedBy("GET", fmt::format("/legacy/secret-{}", i));
  }
  under_test.ServedBy("DELETE", "/v1/invoices/7");
  under_test.ServedBy("GET", "/v1/invoices/7");
  const auto series = [](const char* method, const char* route) {
    return fmt::format(R"(http_server_request_duration_seconds_count{{http_request_method="{}",)"
                       R"(http_response_status_code="200",http_route="{}"}})",
                       method, route);
  };
  for (const auto& [name, count] :
       {std::pair(series("GET", "/legacy/**"), 3), std::pair(series("DELETE", "/v1/**"), 1),
        std::pair(series("GET", "/v1/invoices/{id}"), 1),
        std::pair(std::string(R"(puente_backend_requests_total{code="200",split="",)"
                              R"(upstream="legacy"})"),
                  3)}) {
    EXPECT_TRUE(WaitUntil([&] { return under_test.proxy.Metric(name) == count; })) << name;
  }
  EXPECT_EQ(under_test.proxy.Admin("/metrics").body.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace puente::test
