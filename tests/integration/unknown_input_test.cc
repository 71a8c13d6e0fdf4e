// What the options of `transcoding.json` make of a request and its answer, form bodies included, by
// way of the configuration: design section 4, rules 1, 6 and 9.
#include "billing/v1/billing.pb.h"
#include "tests/integration/invoice_proxy.h"
#include "tests/support/wait_until.h"

namespace puente::test {
namespace {

using testing::HasSubstr;

constexpr char kInvoices[] = "/v1/customers/c/invoices";
const HeaderList kForm = {{"Content-Type", "application/x-www-form-urlencoded"}};

// An invoice that is created is answered as it came.
struct CreatingProxy : InvoiceProxy {
  explicit CreatingProxy(const std::string& json = "{}")
      : InvoiceProxy("transcoding: {json: " + json + "}") {
    upstream.OnUnary(kCreateInvoice, [](const UnaryRequest& request) {
      billing::v1::CreateInvoiceRequest create;
      EXPECT_TRUE(create.ParseFromString(request.bytes));
      return UnaryReply::Message(create.invoice());
    });
  }
  double Unknown(const std::string& kind) const {
    return proxy.Metric("puente_unknown_fields_total{kind=\"" + kind +
                        "\",method=\"CreateInvoice\"}");
  }
};

TEST(UnknownInputOptions, Rule1RejectIsTheDefaultAndCountsNothing) {
  CreatingProxy proxy;
  const HttpResponse body = proxy.proxy.Post(kInvoices, R"({"id":"7","colour":"red"})");
  EXPECT_EQ(FindErrorDifference(body, 400, 3), std::nullopt);
  EXPECT_THAT(body.body, HasSubstr(R"(unknown field \"colour\")"));
  const std::string target = kInvoices + std::string("?utm=1");
  EXPECT_EQ(FindErrorDifference(proxy.proxy.Post(target, "{}"), 400, 3), std::nullopt);
  EXPECT_EQ(proxy.Unknown("body"), 0);
  EXPECT_EQ(proxy.Unknown("query"), 0);
}

TEST(UnknownInputOptions, Rule1WarnAndIgnoreLetPassAndCount) {
  for (const std::string mode : {"WARN", "IGNORE"}) {
    SCOPED_TRACE(mode);
    CreatingProxy proxy("{unknown_fields: " + mode + ", unknown_query: " + mode +
                        ", ignored_query_parameters: [utm]}");
    const std::string target = kInvoices + std::string("?utm=1&x=1&y=2");
    const HttpResponse response =
        proxy.proxy.Post(target, R"({"id":"7","colour":"red","total":{"cents":5}})");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"id":"7","total":{}})");
    EXPECT_TRUE(WaitUntil([&] { return proxy.Unknown("body") == 2; }));
    EXPECT_TRUE(WaitUntil([&] { return proxy.Unknown("query") == 2; }));
  }
}

TEST(UnknownInputOptions, Int64AsNumber) {
  const std::string body = R"({"total":{"units":"5"}})";
  EXPECT_EQ(CreatingProxy().proxy.Post(kInvoices, body).body, body);
  EXPECT_EQ(CreatingProxy("{int64_as_number: true}").proxy.Post(kInvoices, body).body,
            R"({"total":{"units":5}})");
}

TEST(Forms, Rule9AreBoundLikeQueries) {
  CreatingProxy proxy;
  const HttpResponse response = proxy.proxy.Post(
      kInvoices, "id=7+a&status=STATUS_OPEN&total.units=5&labels[region]=eu", kForm);
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(
      response.body,
      R"({"id":"7 a","status":"STATUS_OPEN","total":{"units":"5"},"labels":{"region":"eu"}})");
  const HttpResponse unknown = proxy.proxy.Post(kInvoices, "colour=red", kForm);
  EXPECT_EQ(FindErrorDifference(unknown, 400, 3), std::nullopt);
  EXPECT_THAT(unknown.body, HasSubstr(R"(unknown form field \"colour\")"));
}

}  // namespace
}  // namespace puente::test
