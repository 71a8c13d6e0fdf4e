// HEAD is GET without its body (design section 4, rule 2).
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

// Those that differ from request to request.
HeaderList Comparable(const HttpResponse& answer) {
  HeaderList headers = answer.headers;
  std::erase_if(headers,
                [](const auto& h) { return h.first == "Date" || h.first == "x-request-id"; });
  return headers;
}

TEST(HeadTest, HasTheHeadersOfGetAndNoBody) {
  InvoiceProxy under_test;
  under_test.upstream.OnUnary(
      kListInvoices, {.initial_metadata = {{"x-a", "1"}}, .trailing_metadata = {{"x-b", "2"}}});
  under_test.upstream.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(
        "\x0a\x01"
        "1");
    return grpc::Status::OK;
  });
  auto client = under_test.proxy.Connect();
  for (const char* target :
       {"/v1/invoices/7", "/v1/invoices", "/nowhere", "/v1/invoices/..", "/v1/invoices:watch"}) {
    const auto get = client.Get(target);
    const auto head = client.Request("HEAD", target);
    EXPECT_EQ(head.status, get.status) << target;
    EXPECT_EQ(Comparable(head), Comparable(get)) << target;
    EXPECT_FALSE(get.body.empty()) << target;
  }
  EXPECT_EQ(client.Get("/v1/invoices/8").body, "{\"id\":\"8\"}");
}

TEST(HeadTest, OfAPathWithoutGetIs405) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  const auto answer = client.Request("HEAD", "/v1/customers/c/invoices");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Header("allow"), "OPTIONS, POST");
  EXPECT_EQ(client.Get("/v1/invoices/7").status, 200);
}

}  // namespace
}  // namespace puente::test
