// A proxy in front of an upstream that answers any invoice, for tests of the HTTP side alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/integration/proxy_under_test.h"
#include "tests/support/fake_upstream.h"

namespace puente::test {

inline constexpr char kGetInvoice[] = "/billing.v1.BillingService/GetInvoice";
inline constexpr char kCreateInvoice[] = "/billing.v1.BillingService/CreateInvoice";
inline constexpr char kListInvoices[] = "/billing.v1.BillingService/ListInvoices";
inline constexpr char kWatchInvoices[] = "/billing.v1.BillingService/WatchInvoices";

inline constexpr char kPlainListener[] = "{name: rest, address: \"127.0.0.1:0\"}";

// GET /v1/invoices/7 is {"id":"7"}; POST /v1/customers/c/invoices is {}.
struct InvoiceProxy {
  // `more`: further top-level keys of the configuration.
  explicit InvoiceProxy(const std::string& more = {}, const std::string& listener = kPlainListener);

  FakeUpstream upstream;
  ProxyUnderTest proxy;
};

// What was answered to bytes that need not be HTTP, and everything behind it up to the close.
struct RawAnswer {
  HttpResponse response;
  std::string rest;
};
RawAnswer AskRaw(const ProxyUnderTest& proxy, std::string_view bytes);

// What keeps `response` from being a google.rpc.Status with this HTTP status and code; nullopt when
// nothing does.
std::optional<std::string> FindErrorDifference(const HttpResponse& response, int status, int code);

}  // namespace puente::test
