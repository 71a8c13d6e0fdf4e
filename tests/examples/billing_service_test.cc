#include <google/protobuf/text_format.h>

#include <set>

#include "billing/v1/billing.grpc.pb.h"
#include "tests/examples/example_client.h"

namespace puente::examples {
namespace {

using billing::v1::CreateInvoiceRequest;
using billing::v1::Invoice;
using billing::v1::ListInvoicesRequest;
using testing::ElementsAre;

class BillingServiceTest : public ServicesTest {
 protected:
  grpc::Status Create(const std::string& text, Invoice& invoice) {
    CreateInvoiceRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
    context_ = std::make_unique<grpc::ClientContext>();
    return stub_->CreateInvoice(context_.get(), request, &invoice);
  }

  grpc::Status Get(const std::string& id, Invoice& invoice) {
    grpc::ClientContext context;
    billing::v1::GetInvoiceRequest request;
    request.set_id(id);
    return stub_->GetInvoice(&context, request, &invoice);
  }

  std::vector<std::string> Watch(const ListInvoicesRequest& request) {
    grpc::ClientContext context;
    const auto reader = stub_->WatchInvoices(&context, request);
    std::vector<std::string> ids;
    for (Invoice invoice; reader->Read(&invoice);) ids.push_back(invoice.id());
    EXPECT_TRUE(reader->Finish().ok());
    return ids;
  }

  std::unique_ptr<billing::v1::BillingService::Stub> stub_ =
      billing::v1::BillingService::NewStub(channel_);
  std::unique_ptr<grpc::ClientContext> context_;  // of the last Create
};

constexpr char kValid[] = R"(
  customer_id: "c-9"
  invoice {
    id: "mine" customer_id: "other" discount: 0.1
    lines { sku: "a" quantity: 3 price { currency: "EUR" units: 1 nanos: 500000000 } }
    lines { sku: "b" quantity: 1 price { currency: "EUR" nanos: 7 } }
  })";

TEST_F(BillingServiceTest, StoresWhatItCreates) {
  Invoice created;
  ASSERT_TRUE(Create(kValid, created).ok());
  EXPECT_EQ(created.id(), "inv-1006");
  EXPECT_EQ(created.customer_id(), "c-9");
  EXPECT_EQ(created.status(), billing::v1::STATUS_DRAFT);
  EXPECT_EQ(created.total().units(), 4);
  EXPECT_EQ(created.total().nanos(), 50'000'006);  // 4.500000007 less a tenth, rounded
  EXPECT_EQ(created.checksum().size(), 8U);
  EXPECT_GT(created.created_at().seconds(), 1'700'000'000);
  EXPECT_EQ(context_->GetServerInitialMetadata().find("x-http-code")->second, "201");
  Invoice stored;
  ASSERT_TRUE(Get("inv-1006", stored).ok());
  EXPECT_EQ(stored.SerializeAsString(), created.SerializeAsString());
}

TEST_F(BillingServiceTest, StoresNothingThatIsOnlyValidated) {
  Invoice checked;
  ASSERT_TRUE(Create(std::string(kValid) + "validate_only: true", checked).ok());
  EXPECT_EQ(checked.id(), "");
  EXPECT_FALSE(checked.has_created_at());
  EXPECT_EQ(checked.total().units(), 4);
  EXPECT_EQ(context_->GetServerInitialMetadata().count("x-http-code"), 0U);
  Invoice stored;
  EXPECT_EQ(Get("inv-1006", stored).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(BillingServiceTest, ChecksumsDependOnContentOnly) {
  Invoice first;
  Invoice second;
  Invoice other;
  ASSERT_TRUE(Create(kValid, first).ok());
  ASSERT_TRUE(Create(kValid, second).ok());
  ASSERT_TRUE(Create(R"(customer_id: "c-9" invoice { lines {
                          sku: "a" quantity: 3 price { currency: "EUR" units: 1 } } })",
                     other)
                  .ok());
  EXPECT_EQ(first.checksum(), second.checksum());
  EXPECT_NE(first.checksum(), other.checksum());
}

TEST_F(BillingServiceTest, NamesWhatIsInvalid) {
  const std::string line = R"(sku: "a" quantity: 1 price { currency: "EUR" units: 1 })";
  const std::string begin = R"(customer_id: "c" invoice { lines { )";
  const std::pair<std::string, std::string> kCases[] = {
      {R"(customer_id: "c")", "invoice.lines"},
      {"invoice { lines { " + line + " } }", "customer_id"},
      {begin + line + "} lines { } }",
       "invoice.lines[1].sku, invoice.lines[1].quantity, invoice.lines[1].price.currency"},
      {begin + line + R"(} lines { sku: "b" quantity: 1 price { currency: "USD" } } })",
       "invoice.lines[1].price.currency"},
      {begin + R"(sku: "a" quantity: 1 price { currency: "EUR" units: -1 nanos: 1000000000 } } })",
       "invoice.lines[0].price.units, invoice.lines[0].price.nanos"},
      {begin + line + "} discount: 1.5 status: 77 }", "invoice.status, invoice.discount"},
      {begin + line + "} discount: nan }", "invoice.discount"},
      {begin + R"(sku: "a" quantity: 4000000000
                  price { currency: "EUR" units: 9000000000000000000 } } })",
       "invoice.lines"},
  };
  for (const auto& [request, fields] : kCases) {
    Invoice invoice;
    const auto status = Create(request, invoice);
    ASSERT_FALSE(status.ok()) << request;
    EXPECT_EQ(FieldsOf(status), fields) << request;
  }
}

TEST_F(BillingServiceTest, KnowsOnlyItsOwnIds) {
  Invoice invoice;
  EXPECT_TRUE(Get("inv-1001", invoice).ok());
  EXPECT_EQ(invoice.id(), "inv-1001");
  EXPECT_EQ(invoice.total().units(), 50);
  for (const char* id :
       {"", "inv-", "inv-01001", "inv-1001x", "1001", "inv-99999999999999999999"}) {
    const auto status = Get(id, invoice);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND) << id;
    const auto info = DetailOf<google::rpc::ResourceInfo>(status);
    EXPECT_EQ(info.resource_type(), "billing.v1.Invoice");
    EXPECT_EQ(info.resource_name(), id);
  }
}

TEST_F(BillingServiceTest, ListsPageByPage) {
  for (const int size : {0, 1, 2, 3, 5, 1'000'000}) {
    ListInvoicesRequest request;
    request.set_page_size(size);
    std::vector<std::string> ids;
    do {
      grpc::ClientContext context;
      billing::v1::ListInvoicesResponse page;
      ASSERT_TRUE(stub_->ListInvoices(&context, request, &page).ok());
      EXPECT_LE(page.invoices_size(), size == 0 ? 50 : size);
      for (const auto& invoice : page.invoices()) ids.push_back(invoice.id());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_THAT(ids, ElementsAre("inv-1001", "inv-1002", "inv-1003", "inv-1004", "inv-1005"));
  }
}

TEST_F(BillingServiceTest, RefusesPagesThatItDidNotOffer) {
  for (const auto& [size, token, field] :
       {std::tuple(-1, "", "page_size"), std::tuple(0, "x", "page_token"),
        std::tuple(0, "after-", "page_token"), std::tuple(0, "after-1x", "page_token")}) {
    ListInvoicesRequest request;
    request.set_page_size(size);
    request.set_page_token(token);
    grpc::ClientContext context;
    billing::v1::ListInvoicesResponse page;
    EXPECT_EQ(FieldsOf(stub_->ListInvoices(&context, request, &page)), field);
  }
}

TEST_F(BillingServiceTest, WatchesWhatMatchesAndThenEnds) {
  ListInvoicesRequest request;
  EXPECT_EQ(Watch(request).size(), 5U);
  request.set_status(billing::v1::STATUS_PAID);
  EXPECT_THAT(Watch(request), ElementsAre("inv-1001", "inv-1005"));
  request.set_page_size(1);
  EXPECT_THAT(Watch(request), ElementsAre("inv-1001"));
  request.set_page_token("after-1001");
  EXPECT_THAT(Watch(request), ElementsAre("inv-1005"));
}

}  // namespace
}  // namespace puente::examples
