#include "examples/services/legacy_billing.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <chrono>

#include "tests/examples/legacy_client.h"
#include "tests/support/wait_until.h"

namespace puente::examples {
namespace {

using billing::v1::Invoice;
using google::protobuf::util::MessageDifferencer;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

class LegacyBillingTest : public LegacyTest {
 protected:
  std::string IdsOf(const std::string& target) {
    std::string ids;
    const auto page = ReadJson<billing::v1::ListInvoicesResponse>(Get(target).body);
    for (const auto& invoice : page.invoices()) ids += invoice.id().substr(4) + " ";
    return ids + page.next_page_token();
  }
};

TEST_F(LegacyBillingTest, SpellsAnInvoiceInItsOwnWay) {
  const auto answer = Get("/v1/invoices/inv-1003");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("content-type"), "application/json");
  Invoice stored;
  ASSERT_TRUE(store_->Get("inv-1003", stored).ok());
  const std::string json = answer.body;
  const auto checksum = json.find("\"checksum\": \"");
  ASSERT_NE(checksum, std::string::npos);
  EXPECT_EQ(json.find('"', checksum + 13) - checksum - 13, 11U);  // eight bytes without padding
  EXPECT_EQ(json.substr(json.find("\"created_at\"")),
            R"("created_at": "2025-01-17T09:30:00.000+00:00",
  "customer_id": "c-1",
  "discount": 0.25,
  "id": "inv-1003",
  "labels": {
    "region": "eu"
  },
  "lines": [
    {
      "description": "Cup, blue",
      "price": {
        "currency": "EUR",
        "nanos": 990000000,
        "units": 8
      },
      "quantity": 6,
      "sku": "cup-01",
      "tags": [
        "ceramic"
      ]
    }
  ],
  "status": 2,
  "total": {
    "currency": "EUR",
    "nanos": 455000000,
    "units": 40
  }
}
)");
}

TEST_F(LegacyBillingTest, CreatesInTheStoreThatIsShared) {
  auto client = Connect();
  const auto answer = client.Post("/v1/customers/c%2F9/invoices", kNewInvoice);
  EXPECT_EQ(answer.status, 201);
  const auto created = ReadJson<Invoice>(answer.body);
  EXPECT_EQ(created.id(), "inv-1006");
  EXPECT_EQ(created.customer_id(), "c/9");
  EXPECT_EQ(created.lines(0).sku(), "a\"b");
  EXPECT_EQ(created.total().units(), 3);
  EXPECT_EQ(created.total().nanos(), 375'000'000);
  Invoice stored;
  ASSERT_TRUE(store_->Get("inv-1006", stored).ok());
  EXPECT_TRUE(MessageDifferencer::Equals(created, stored)) << answer.body;
  EXPECT_TRUE(MessageDifferencer::Equals(
      ReadJson<Invoice>(client.Get("/v1/invoices/inv-1006").body), stored));
}

TEST_F(LegacyBillingTest, StoresNothingThatIsOnlyValidated) {
  for (const char* name : {"validate_only", "validateOnly"}) {
    const auto answer =
        Connect().Post(fmt::format("/v1/customers/c/invoices?{}=true", name), kNewInvoice);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr("\"created_at\": null"));
    EXPECT_THAT(answer.body, HasSubstr("\"id\": null"));
    EXPECT_EQ(ReadJson<Invoice>(answer.body).total().units(), 3);
  }
  EXPECT_EQ(Get("/v1/invoices/inv-1006").status, 404);
}

TEST_F(LegacyBillingTest, SaysWhatIsWrongWithAnInvoice) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "the body is not JSON"},
      {"{", "the body is not JSON"},
      {"[]", "invoice: expected an object"},
      {"{}", "invoice.lines: must be 1 to 1000 lines"},
      {R"({"lines": {}})", "lines: expected an array"},
      {R"({"lines": [7]})", "lines: expected an object"},
      {R"({"lines": [{"sku": 7}]})", "sku: expected text"},
      {R"({"lines": [{"quantity": -1}]})", "quantity: expected an integer of its range"},
      {R"({"lines": [{"quantity": 1.5}]})", "quantity: expected an integer"},
      {R"({"lines": [{"quantity": true}]})", "quantity: expected a number"},
      {R"({"lines": [{"quantity": "1x"}]})", "quantity: expected a number"},
      {R"({"lines": [{"price": {"units": 1e19}}]})", "units: expected an integer"},
      {R"({"lines": [{"tags": ["a", null]}]})", "tags: expected text"},
      {R"({"lines": [{"sku": "a", "quantity": 1, "price": {"currency": "eur"}}]})",
       "invoice.lines[0].price.currency: must be three capital letters"},
      {R"({"labels": {"a": 1}})", "labels: expected text"},
      {R"({"discount": "a"})", "discount: expected a number"},
      {R"({"status": "PAID"})", "status: expected a known status"},
  };
  auto client = Connect();
  for (const auto& [body, error] : kCases) {
    const auto answer = client.Post("/v1/customers/c/invoices", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.body, fmt::format("{{\n  \"error\": \"{}\"\n}}", error)) << body;
  }
}

TEST_F(LegacyBillingTest, ListsPageByPageAndByStatus) {
  EXPECT_EQ(IdsOf("/v1/invoices"), "1001 1002 1003 1004 1005 ");
  EXPECT_EQ(IdsOf("/v1/invoices?page_size=2"), "1001 1002 after-1002");
  EXPECT_EQ(IdsOf("/v1/invoices?pageSize=2&pageToken=after-1002"), "1003 1004 after-1004");
  EXPECT_EQ(IdsOf("/v1/invoices?status=STATUS_PAID&unknown=1"), "1001 1005 ");
  EXPECT_EQ(IdsOf("/v1/invoices?status=2"), "1002 1003 ");
  EXPECT_THAT(Get("/v1/invoices").body, HasSubstr("\"next_page_token\": null"));
}

TEST_F(LegacyBillingTest, RefusesWhatItDoesNotServe) {
  struct Case {
    const char* method;
    const char* target;
    int status;
    const char* error;
  };
  const Case kCases[] = {
      {"GET", "/v1/invoices/inv-9", 404, "no such invoice"},
      {"GET", "/v1/invoices/", 404, "not found"},
      {"GET", "/v1/invoices/inv-1001/lines", 404, "not found"},
      {"GET", "/", 404, "not found"},
      {"GET", "/v1/invoices?page_size=x", 400, "page_size: expected an integer"},
      {"GET", "/v1/invoices?page_size=-1", 400, "page_size: must not be negative"},
      {"GET", "/v1/invoices?page_token=x", 400, "page_token: is not one that this service gave"},
      {"GET", "/v1/invoices:watch?status=PAID", 400, "status: expected a known status"},
      {"GET", "/v1/invoices:watch?status=9", 400, "status: must be a known status"},
      {"GET", "/v1/invoices/%zz", 400, "the target is not percent-encoded UTF-8"},
      {"GET", "/v1/invoices/%4", 400, "the target is not percent-encoded UTF-8"},
      {"GET", "/v1/invoices?status=%ff", 400, "the target is not percent-encoded UTF-8"},
      {"POST", "/v1/customers//invoices", 404, "not found"},
      {"POST", "/v1/customers/c/invoices?validate_only=1", 400,
       "validate_only: expected true or false"},
      {"GET", "/legacy/reports/25", 404, "no such report"},
      {"GET", "/legacy/reports/+025", 404, "no such report"},
      {"DELETE", "/v1/invoices/inv-1001", 405, "method not allowed"},
      {"POST", "/demo/faults?service=grpc", 404, "there is no gRPC service beside this one"},
      {"POST", "/demo/faults?service=legacy&delay_ms=x", 400,
       "delay_ms must be a number from 0 to 60000"},
  };
  auto client = Connect();
  for (const Case& c : kCases) {
    const auto answer = client.Request(c.method, c.target);
    EXPECT_EQ(answer.status, c.status) << c.target;
    EXPECT_EQ(answer.Header("content-type"), "application/json") << c.target;
    EXPECT_EQ(answer.body, fmt::format("{{\n  \"error\": \"{}\"\n}}", c.error)) << c.target;
  }
}

TEST_F(LegacyBillingTest, SaysWhatIsAllowed) {
  auto client = Connect();
  EXPECT_EQ(client.Request("PUT", "/v1/invoices").Header("allow"), "GET, HEAD");
  EXPECT_EQ(client.Get("/v1/customers/c/invoices").Header("allow"), "POST");
  EXPECT_EQ(client.Request("PATCH", "/demo/faults").Header("allow"), "GET, HEAD, POST");
}

TEST_F(LegacyBillingTest, WatchesAsAnArrayOfAChunkEach) {
  const auto answer = Get("/v1/invoices:watch?status=STATUS_PAID");
  EXPECT_EQ(answer.Header("content-type"), "application/json");
  EXPECT_EQ(answer.chunks.size(), 3U);
  const auto list =
      ReadJson<billing::v1::ListInvoicesResponse>("{\"invoices\":" + answer.body + "}");
  ASSERT_EQ(list.invoices_size(), 2);
  EXPECT_EQ(list.invoices(1).id(), "inv-1005");
  EXPECT_EQ(Get("/v1/invoices:watch?page_token=after-1005").body, "[]\n");
}

TEST_F(LegacyBillingTest, WatchesAsLinesWhereTheyAreAskedFor) {
  auto client = Connect();
  const test::HeaderList accept = {{"Accept", "application/x-ndjson"}};
  const auto answer = client.Get("/v1/invoices:watch", accept);
  EXPECT_EQ(answer.Header("content-type"), "application/x-ndjson");
  ASSERT_EQ(answer.chunks.size(), 5U);
  for (std::size_t i = 0; i < answer.chunks.size(); ++i) {
    EXPECT_EQ(answer.chunks[i].find('\n'), answer.chunks[i].size() - 1);
    EXPECT_EQ(ReadJson<Invoice>(answer.chunks[i]).id(), fmt::format("inv-{}", 1001 + i));
  }
  EXPECT_EQ(client.Get("/v1/invoices:watch?page_token=after-1005", accept).body, "");
  EXPECT_TRUE(client.Get("/v1/invoices:watch?page_size=1").complete);
}

TEST_F(LegacyBillingTest, ReportsAYearAsPageOrTable) {
  ASSERT_EQ(Connect()
                .Post("/v1/customers/%3Cb%3E%22,/invoices",
                      R"({"lines": [{"sku": "a", "quantity": 1, "price": {"currency": "EUR"}}]})")
                .status,
            201);
  const auto year = std::chrono::year_month_day(
                        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()))
                        .year();
  const std::string now = fmt::format("/legacy/reports/{}", static_cast<int>(year));
  const auto html = Get("/legacy/reports/2025");
  EXPECT_EQ(html.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(html.body, HasSubstr("<td>inv-1003</td><td>c-1</td><td>2025-01-17</td>"
                                   "<td>open</td><td>EUR</td><td>40.45</td>"));
  EXPECT_THAT(Get(now).body, HasSubstr("<td>&lt;b>&quot;,</td>"));
  const auto csv = Get("/legacy/reports/2025?format=csv");
  EXPECT_EQ(csv.Header("content-type"), "text/csv; charset=utf-8");
  EXPECT_THAT(csv.body, testing::StartsWith("Invoice,Customer,Created,Status,Currency,Total\r\n"
                                            "inv-1001,c-1,2025-01-15,paid,EUR,50.00\r\n"));
  EXPECT_THAT(Get(now, {{"Accept", "text/csv"}}).body, HasSubstr(",\"<b>\"\",\","));
  EXPECT_EQ(Get("/legacy/reports/1999?format=csv").body,
            "Invoice,Customer,Created,Status,Currency,Total\r\n");
}

TEST_F(LegacyBillingTest, FailsAndWaitsAsToldButNotItsHealth) {
  auto client = Connect();
  legacy_.faults().Set({.fail_percent = 50});
  std::vector<int> statuses;
  for (int i = 0; i < 4; ++i) statuses.push_back(client.Get("/v1/invoices/inv-1001").status);
  EXPECT_THAT(statuses, ElementsAre(200, 500, 200, 500));
  legacy_.faults().Set(
      {.fail_percent = 100, .fail_with = FailWith::kUnavailable, .delay = milliseconds(60)});
  EXPECT_EQ(client.Get("/healthz").status, 200);
  const auto start = std::chrono::steady_clock::now();
  const auto answer = client.Get("/legacy/reports/2025");
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(60));
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("\"error\": \"the service was told to fail\""));
}

TEST_F(LegacyBillingTest, ADelayHoldsUpNoOtherConnection) {
  legacy_.faults().Set({.delay = kMaxFaultDelay});
  auto slow = Connect();
  slow.Send("GET", "/v1/invoices");
  ASSERT_TRUE(test::WaitUntil([&] { return legacy_.requests() == 1; }));
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_FALSE(slow.HasInput(milliseconds(0)));
  legacy_.Stop();
  EXPECT_EQ(slow.ReadUntilClosed(), "");
}

TEST_F(LegacyBillingTest, PlantsADifferenceInWhatItShows) {
  auto client = Connect();
  legacy_.faults().Set({.plant_difference = true});
  const auto quantity = [&](const std::string& id) {
    return ReadJson<Invoice>(client.Get("/v1/invoices/" + id).body).lines(0).quantity();
  };
  EXPECT_EQ(quantity("inv-1003"), 7U);
  EXPECT_EQ(quantity("inv-1001"), 4U);
  EXPECT_THAT(client.Get("/v1/invoices").body, HasSubstr("\"quantity\": 7"));
  EXPECT_THAT(client.Get("/v1/invoices:watch").body, HasSubstr("\"quantity\":7"));
  legacy_.faults().Set({});
  EXPECT_EQ(quantity("inv-1003"), 6U);
}

TEST_F(LegacyBillingTest, CountsRequestsByKind) {
  auto client = Connect();
  client.Get("/v1/invoices/inv-1001");
  client.Get("/v1/invoices/none");
  client.Get("/v1/invoices:watch");
  client.Post("/v1/customers/c/invoices", "{}");
  client.Get("/nowhere");
  client.Get("/v1/invoices/%zz");
  EXPECT_EQ(legacy_.requests(LegacyRoute::kGetInvoice), 2U);
  EXPECT_EQ(legacy_.requests(LegacyRoute::kWatchInvoices), 1U);
  EXPECT_EQ(legacy_.requests(LegacyRoute::kCreateInvoice), 1U);
  EXPECT_EQ(legacy_.requests(LegacyRoute::kListInvoices), 0U);
  EXPECT_EQ(legacy_.requests(LegacyRoute::kOther), 2U);
  EXPECT_EQ(legacy_.requests(), 6U);
}

}  // namespace
}  // namespace puente::examples
