// What tests of calls share: methods and messages of the example APIs, and what errors look like.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>

#include "billing/v1/billing.pb.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/http_client.h"

namespace puente::test {

inline constexpr char kGetInvoice[] = "/billing.v1.BillingService/GetInvoice";
inline constexpr char kCreateInvoice[] = "/billing.v1.BillingService/CreateInvoice";
inline constexpr char kWatchInvoices[] = "/billing.v1.BillingService/WatchInvoices";
inline constexpr char kDownloadAudio[] = "/audiostream.v1.AudioStreamService/DownloadAudio";

// The paths of GetInvoice, WatchInvoices and DownloadAudio.
inline constexpr char kInvoice[] = "/v1/invoices/inv-1";
inline constexpr char kWatch[] = "/v1/invoices:watch";
inline constexpr char kDownload[] = "/v1/recordings/rec-1/audio";

// As JSON it is {"id":"…"}.
inline billing::v1::Invoice InvoiceOf(const std::string& id) {
  billing::v1::Invoice invoice;
  invoice.set_id(id);
  return invoice;
}

// A google.rpc.Status with this HTTP status, this code and any message.
MATCHER_P2(IsError, status, code, fmt::format("is {} with code {}", status, code)) {
  *result_listener << arg.status << " " << arg.body;
  return arg.status == status && arg.Header("Content-Type") == "application/json" &&
         arg.body.starts_with(fmt::format("{{\"code\":{},\"message\":\"", code)) &&
         arg.body.ends_with("}") && arg.complete;
}

// An answer with status 200 and this JSON body, to the letter.
MATCHER_P(IsJson, json, "") {
  *result_listener << arg.status << " " << arg.body;
  return arg.status == 200 && arg.Header("Content-Type") == "application/json" &&
         arg.body == json && arg.complete;
}

}  // namespace puente::test
