// What the tests of the legacy service share.
#pragma once

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>

#include <memory>
#include <string>

#include "examples/services/legacy_billing.h"
#include "tests/support/http_client.h"

namespace puente::examples {

// What `json` says to protobuf.
template <class T>
T ReadJson(const std::string& json) {
  T message;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << json;
  return message;
}

// The service on a port of its own, and clients of it.
class LegacyTest : public testing::Test {
 protected:
  LegacyTest() { EXPECT_TRUE(legacy_.Start().has_value()); }

  test::HttpClient Connect() { return test::HttpClient::Connect(legacy_.port()); }
  test::HttpResponse Get(const std::string& target, const test::HeaderList& headers = {}) {
    return Connect().Get(target, headers);
  }

  std::shared_ptr<InvoiceStore> store_ = std::make_shared<InvoiceStore>();
  LegacyBilling legacy_{store_};
};

// An invoice as a client may write it.
inline constexpr char kNewInvoice[] = R"({
  "id": "mine", "total": "whatever", "discount": 0.25, "labels": {"region": "eu", "to": null},
  "lines": [{"sku": "a\"b", "quantity": "3", "tags": ["x", "y"], "description": null,
             "price": {"currency": "EUR", "units": 1, "nanos": 5e8}}],
  "status": "STATUS_OPEN"})";

}  // namespace puente::examples
