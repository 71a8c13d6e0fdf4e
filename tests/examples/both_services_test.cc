#include <google/protobuf/util/message_differencer.h>

#include <chrono>

#include "billing/v1/billing.grpc.pb.h"
#include "tests/examples/example_client.h"
#include "tests/examples/legacy_client.h"

namespace puente::examples {
namespace {

using billing::v1::Invoice;
using google::protobuf::util::MessageDifferencer;
using std::chrono::milliseconds;
using test::HttpClient;

// Both services in front of one store, as ExampleServer has them.
class BothServicesTest : public testing::Test {
 protected:
  BothServicesTest() {
    EXPECT_TRUE(server_.Start().has_value());
    stub_ = billing::v1::BillingService::NewStub(
        grpc::CreateChannel(server_.target(), grpc::InsecureChannelCredentials()));
  }

  HttpClient Connect() {
    const std::string url = server_.legacy_url();
    return HttpClient::Connect(
        static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  }

  std::vector<Invoice> AllByGrpc() {
    grpc::ClientContext context;
    const auto reader = stub_->WatchInvoices(&context, {});
    std::vector<Invoice> invoices;
    for (Invoice invoice; reader->Read(&invoice);) invoices.push_back(invoice);
    EXPECT_TRUE(reader->Finish().ok());
    return invoices;
  }

  ExampleServer server_{"127.0.0.1:0", "127.0.0.1:0"};
  std::unique_ptr<billing::v1::BillingService::Stub> stub_;
};

TEST_F(BothServicesTest, MeanTheSameByEveryInvoice) {
  auto client = Connect();
  EXPECT_EQ(client.Post("/v1/customers/c-9/invoices", kNewInvoice).status, 201);
  billing::v1::CreateInvoiceRequest request;
  request.set_customer_id("\x01\x1f \"\\\n\xc3\xa9");
  auto& line = *request.mutable_invoice()->add_lines();
  line.set_sku("big");
  line.set_quantity(1);
  line.mutable_price()->set_currency("EUR");
  line.mutable_price()->set_units(4'503'599'627'370'497);
  request.mutable_invoice()->set_discount(1e-7);
  grpc::ClientContext context;
  Invoice created;
  ASSERT_TRUE(stub_->CreateInvoice(&context, request, &created).ok());

  const auto invoices = AllByGrpc();
  ASSERT_EQ(invoices.size(), 7U);
  const auto page = ReadJson<billing::v1::ListInvoicesResponse>(client.Get("/v1/invoices").body);
  const auto lines = client.Get("/v1/invoices:watch", {{"Accept", "application/x-ndjson"}}).chunks;
  ASSERT_EQ(page.invoices_size(), 7);
  ASSERT_EQ(lines.size(), 7U);
  for (std::size_t i = 0; i < invoices.size(); ++i) {
    const std::string body = client.Get("/v1/invoices/" + invoices[i].id()).body;
    EXPECT_TRUE(MessageDifferencer::Equals(ReadJson<Invoice>(body), invoices[i])) << body;
    EXPECT_TRUE(MessageDifferencer::Equals(page.invoices(static_cast<int>(i)), invoices[i]));
    EXPECT_TRUE(MessageDifferencer::Equals(ReadJson<Invoice>(lines[i]), invoices[i])) << lines[i];
  }
}

TEST_F(BothServicesTest, AreToldToMisbehaveThroughTheLegacyOne) {
  auto client = Connect();
  const auto set = client.Post(
      "/demo/faults?service=grpc&fail_percent=100&fail_with=unavailable&plant_difference=true", "");
  EXPECT_EQ(set.status, 200);
  EXPECT_EQ(server_.billing_faults().plan(),
            (FaultPlan{100, FailWith::kUnavailable, milliseconds(0), true}));
  EXPECT_EQ(server_.legacy_faults().plan(), FaultPlan());
  EXPECT_EQ(client.Get("/v1/invoices").status, 200);
  EXPECT_EQ(client.Post("/demo/faults?service=legacy&fail_percent=100", "").status, 200);
  EXPECT_EQ(client.Get("/v1/invoices").status, 500);
  EXPECT_EQ(client.Get("/demo/faults").body, R"({
  "grpc": {
    "fail_percent": 100,
    "fail_with": "unavailable",
    "delay_ms": 0,
    "plant_difference": true
  },
  "legacy": {
    "fail_percent": 100,
    "fail_with": "internal",
    "delay_ms": 0,
    "plant_difference": false
  }
}
)");
  client.Post("/demo/faults?service=legacy", "");
  EXPECT_EQ(client.Get("/v1/invoices").status, 200);
}

TEST_F(BothServicesTest, StopAndStartAloneOnTheSamePorts) {
  const std::string url = server_.legacy_url();
  EXPECT_THAT(url, testing::StartsWith("http://127.0.0.1:"));
  server_.Stop();
  EXPECT_EQ(Connect().Get("/healthz").status, 200);
  server_.StopLegacy();
  EXPECT_THROW(Connect(), test::ClientError);
  ASSERT_TRUE(server_.Start().has_value());
  EXPECT_EQ(server_.legacy_url(), url);
  EXPECT_EQ(Connect().Get("/healthz").status, 200);
  EXPECT_EQ(ExampleServer().legacy_url(), "");
}

}  // namespace
}  // namespace puente::examples
