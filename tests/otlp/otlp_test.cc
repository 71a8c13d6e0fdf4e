// Spans as a receiver gets them that Puente had no hand in: opentelemetry-proto and grpcio, from
// PyPI. Run by `make otlp-test`.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "billing/v1/billing.pb.h"
#include "tests/integration/binary_under_test.h"
#include "tests/integration/proxy_under_test.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_dir.h"

namespace puente::test {
namespace {

using google::protobuf::Struct;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;

constexpr char kGetInvoice[] = "/billing.v1.BillingService/GetInvoice";
constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kClientSpan[] = "00f067aa0ba902b7";

// tests/otlp/receiver.py. The first time it installs what it is built on.
class Receiver {
 public:
  std::uint16_t PortOf(const std::string& protocol) const {
    return process_.WaitForPort(fmt::format("\"{}_port\": ", protocol));
  }
  bool WaitUntilReady() const {
    return WaitUntil([this] { return process_.Output().find('\n') != std::string::npos; },
                     seconds(110));
  }
  std::vector<Struct> Spans() const {
    std::vector<Struct> spans;
    std::istringstream lines(process_.Output());
    std::string line;
    std::getline(lines, line);  // the ports
    while (std::getline(lines, line)) {
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &spans.emplace_back()).ok());
    }
    return spans;
  }
  std::string Errors() const { return process_.Errors(); }

 private:
  const ChildProcess process_{PUENTE_OTLP_RECEIVER, {}};
};

std::string TextOf(const Struct& value, const std::string& key) {
  const auto found = value.fields().find(key);
  return found == value.fields().end() ? "(none)" : found->second.string_value();
}
const Struct& PartOf(const Struct& value, const std::string& key) {
  return value.fields().at(key).struct_value();
}
Struct OfKind(const std::vector<Struct>& spans, const std::string& kind) {
  const auto found =
      std::ranges::find_if(spans, [&](const Struct& span) { return TextOf(span, "kind") == kind; });
  EXPECT_NE(found, spans.end()) << kind;
  return found == spans.end() ? Struct() : *found;
}

class OtlpReceiver : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(receiver_.WaitUntilReady()) << receiver_.Errors();
    billing::v1::Invoice invoice;
    invoice.set_id("7");
    upstream_.OnUnary(kGetInvoice, UnaryReply::Message(invoice));
    std::ofstream(config_) << ExampleConfig(fmt::format(
        "upstreams: [{{name: billing, grpc: {{target: \"{}\"}}}}]\n"
        "drain: {{delay: 0s}}\n"
        "telemetry: {{tracing: {{otlp_endpoint: \"http://127.0.0.1:{}\", otlp_protocol: {}, "
        "otlp_headers: {{x-tenant: acme}}, service_name: edge}}}}\n",
        upstream_.target(), receiver_.PortOf(GetParam()), GetParam() == "grpc" ? "GRPC" : "HTTP"));
  }

  const Receiver receiver_;
  FakeUpstream upstream_;
  TempDir dir_;
  const std::string config_ = dir_.File("puente.yaml");
};

TEST_P(OtlpReceiver, GetsClientProxyAndUpstreamAsOneTrace) {
  BinaryUnderTest puente({"run", "--config", config_});
  const std::uint16_t port = puente.WaitForPort("serves HTTP on 127.0.0.1:");
  const auto answer = HttpClient::Connect(port).Get(
      "/v1/invoices/7", {{"traceparent", fmt::format("00-{}-{}-01", kTraceId, kClientSpan)}});
  EXPECT_EQ(answer.status, 200);
  puente.Signal(SIGTERM);  // what was not exported yet is exported now
  EXPECT_EQ(puente.WaitForExit(), 0) << puente.Errors();
  ASSERT_TRUE(WaitUntil([this] { return receiver_.Spans().size() >= 2; })) << puente.Errors();

  const auto spans = receiver_.Spans();
  ASSERT_THAT(spans, SizeIs(2));
  const Struct server = OfKind(spans, "SERVER");
  const Struct client = OfKind(spans, "CLIENT");
  EXPECT_EQ(TextOf(server, "trace_id"), kTraceId);
  EXPECT_EQ(TextOf(client, "trace_id"), kTraceId);
  EXPECT_EQ(TextOf(server, "parent_span_id"), kClientSpan);
  EXPECT_EQ(TextOf(client, "parent_span_id"), TextOf(server, "span_id"));
  EXPECT_EQ(FindMetadata(upstream_.Calls().at(0).metadata, "traceparent"),
            fmt::format("00-{}-{}-01", kTraceId, TextOf(client, "span_id")));
  EXPECT_EQ(TextOf(server, "name"), "GET /v1/invoices/{id}");
  EXPECT_EQ(TextOf(client, "name"), "billing.v1.BillingService/GetInvoice");
  EXPECT_EQ(TextOf(PartOf(server, "attributes"), "http.route"), "/v1/invoices/{id}");
  EXPECT_EQ(PartOf(server, "attributes").fields().at("http.response.status_code").number_value(),
            200);
  EXPECT_EQ(TextOf(PartOf(client, "attributes"), "rpc.system.name"), "grpc");
  EXPECT_EQ(TextOf(PartOf(client, "attributes"), "rpc.method"),
            "billing.v1.BillingService/GetInvoice");
  EXPECT_EQ(TextOf(PartOf(client, "attributes"), "rpc.response.status_code"), "OK");
  EXPECT_EQ(TextOf(PartOf(server, "resource"), "service.name"), "edge");
  EXPECT_EQ(TextOf(PartOf(server, "headers"), "x-tenant"), "acme");
  EXPECT_EQ(TextOf(server, "protocol"), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Protocols, OtlpReceiver, testing::Values("grpc", "http"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace puente::test
