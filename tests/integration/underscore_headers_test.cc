// Header names that some servers take for others: "x_user" and "x-user" (design section 3,
// headers_with_underscores).
#include <gmock/gmock.h>

#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

const HeaderList kHeaders = {{"X_User", "evil"}, {"X-Team", "a"}};

TEST(UnderscoreHeadersTest, AreDroppedByDefault) {
  InvoiceProxy under_test;
  EXPECT_EQ(under_test.proxy.Get("/v1/invoices/7", kHeaders).status, 200);
  const auto metadata = under_test.upstream.Calls().front().metadata;
  EXPECT_EQ(FindMetadata(metadata, "x_user"), std::nullopt);
  EXPECT_EQ(FindMetadata(metadata, "x-user"), std::nullopt);
  EXPECT_EQ(FindMetadata(metadata, "x-team"), "a");
}

TEST(UnderscoreHeadersTest, DoNotFrameARequest) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  client.SendRaw(
      "GET /v1/invoices/1 HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\nTransfer_Encoding: "
      "chunked\r\n\r\nGET /v1/invoices/2 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, "{\"id\":\"1\"}");
  EXPECT_EQ(client.ReadResponse().body, "{\"id\":\"2\"}");
}

TEST(UnderscoreHeadersTest, CanBeAllowed) {
  InvoiceProxy under_test("headers_with_underscores: ALLOW");
  EXPECT_EQ(under_test.proxy.Get("/v1/invoices/7", kHeaders).status, 200);
  EXPECT_EQ(FindMetadata(under_test.upstream.Calls().front().metadata, "x_user"), "evil");
}

TEST(UnderscoreHeadersTest, CanBeRejected) {
  InvoiceProxy under_test("headers_with_underscores: REJECT");
  const auto answer = under_test.proxy.Get("/v1/invoices/7", kHeaders);
  EXPECT_EQ(FindErrorDifference(answer, 400, 3), std::nullopt);
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

}  // namespace
}  // namespace puente::test
