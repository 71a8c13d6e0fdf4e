#include "examples/services/billing_service.h"

#include <chrono>
#include <limits>
#include <string_view>
#include <utility>

#include "examples/services/invoice_rules.h"
#include "examples/services/numbered_id.h"
#include "examples/services/sample_invoices.h"

namespace puente::examples {
namespace {

using billing::v1::Invoice;

constexpr std::string_view kIdPrefix = "inv-";
constexpr std::size_t kMaxInvoices = 100'000;

void SetNow(google::protobuf::Timestamp& timestamp) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  timestamp.set_seconds(seconds.count());
  timestamp.set_nanos(static_cast<std::int32_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now - seconds).count()));
}

grpc::Status CheckFilter(billing::v1::Status status) {
  if (billing::v1::Status_IsValid(status)) return grpc::Status::OK;
  return InvalidArgument({{"status", "must be a known status"}});
}

}  // namespace

BillingService::BillingService() {
  for (auto& invoice : SampleInvoices()) {
    invoice.set_id(MakeId(kIdPrefix, ++last_));
    invoices_.emplace(last_, std::move(invoice));
  }
}

grpc::Status BillingService::GetInvoice(grpc::ServerContext* /*context*/,
                                        const billing::v1::GetInvoiceRequest* request,
                                        Invoice* response) {
  const std::lock_guard lock(mutex_);
  const auto found = invoices_.find(NumberOfId(kIdPrefix, request->id()));
  if (found == invoices_.end()) return NotFound("billing.v1.Invoice", request->id());
  *response = found->second;
  return grpc::Status::OK;
}

grpc::Status BillingService::CreateInvoice(grpc::ServerContext* context,
                                           const billing::v1::CreateInvoiceRequest* request,
                                           Invoice* response) {
  auto violations = CheckInvoice(request->invoice());
  if (request->customer_id().empty()) violations.push_back({"customer_id", "must not be empty"});
  if (!violations.empty()) return InvalidArgument(violations);
  *response = request->invoice();
  response->clear_id();
  response->clear_created_at();
  response->set_customer_id(request->customer_id());
  CompleteInvoice(*response);
  if (request->validate_only()) return grpc::Status::OK;
  SetNow(*response->mutable_created_at());
  const std::lock_guard lock(mutex_);
  if (invoices_.size() >= kMaxInvoices) {
    return Refused(grpc::StatusCode::RESOURCE_EXHAUSTED, "there are too many invoices",
                   "TOO_MANY_INVOICES", "billing.example.com");
  }
  response->set_id(MakeId(kIdPrefix, ++last_));
  invoices_.emplace(last_, *response);
  context->AddInitialMetadata("x-http-code", "201");
  return grpc::Status::OK;
}

grpc::Status BillingService::ListInvoices(grpc::ServerContext* /*context*/,
                                          const billing::v1::ListInvoicesRequest* request,
                                          billing::v1::ListInvoicesResponse* response) {
  if (auto status = CheckFilter(request->status()); !status.ok()) return status;
  Page page;
  if (auto status = ReadPage(request->page_size(), request->page_token(), page); !status.ok()) {
    return status;
  }
  auto [invoices, next_page_token] = Find(page, request->status());
  for (auto& invoice : invoices) *response->add_invoices() = std::move(invoice);
  response->set_next_page_token(std::move(next_page_token));
  return grpc::Status::OK;
}

grpc::Status BillingService::WatchInvoices(grpc::ServerContext* /*context*/,
                                           const billing::v1::ListInvoicesRequest* request,
                                           grpc::ServerWriter<Invoice>* writer) {
  if (auto status = CheckFilter(request->status()); !status.ok()) return status;
  Page page;
  if (auto status = ReadPage(request->page_size(), request->page_token(), page); !status.ok()) {
    return status;
  }
  if (request->page_size() == 0) page.size = std::numeric_limits<int>::max();
  for (const auto& invoice : Find(page, request->status()).invoices) {
    if (!writer->Write(invoice)) break;
  }
  return grpc::Status::OK;
}

BillingService::Found BillingService::Find(const Page& page, billing::v1::Status status) const {
  const std::lock_guard lock(mutex_);
  Found found;
  std::uint64_t last = 0;
  for (auto it = invoices_.upper_bound(page.after); it != invoices_.end(); ++it) {
    const auto& [number, invoice] = *it;
    if (status != billing::v1::STATUS_UNSPECIFIED && invoice.status() != status) continue;
    if (found.invoices.size() == static_cast<std::size_t>(page.size)) {
      found.next_page_token = PageToken(last);
      break;
    }
    found.invoices.push_back(invoice);
    last = number;
  }
  return found;
}

}  // namespace puente::examples
