#include "examples/services/invoice_store.h"

#include <google/protobuf/util/time_util.h>

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
using google::protobuf::util::TimeUtil;

constexpr std::string_view kIdPrefix = "inv-";
constexpr std::size_t kMaxInvoices = 100'000;

// In milliseconds: no service of the team can tell more, however it spells a time.
google::protobuf::Timestamp Now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return TimeUtil::MillisecondsToTimestamp(
      std::chrono::floor<std::chrono::milliseconds>(now).count());
}

std::vector<FieldViolation> CheckRequest(const billing::v1::CreateInvoiceRequest& request) {
  auto violations = CheckInvoice(request.invoice());
  if (request.customer_id().empty()) violations.push_back({"customer_id", "must not be empty"});
  return violations;
}

grpc::Status CheckAndReadPage(const billing::v1::ListInvoicesRequest& request, Page& page) {
  if (!billing::v1::Status_IsValid(request.status())) {
    return InvalidArgument({{"status", "must be a known status"}});
  }
  return ReadPage(request.page_size(), request.page_token(), page);
}

}  // namespace

InvoiceStore::InvoiceStore() {
  for (auto& invoice : SampleInvoices()) {
    invoice.set_id(MakeId(kIdPrefix, ++last_));
    invoices_.emplace(last_, std::move(invoice));
  }
}

grpc::Status InvoiceStore::Get(const std::string& id, Invoice& invoice) const {
  const std::lock_guard lock(mutex_);
  const auto found = invoices_.find(NumberOfId(kIdPrefix, id));
  if (found == invoices_.end()) return NotFound("billing.v1.Invoice", id);
  invoice = found->second;
  return grpc::Status::OK;
}

grpc::Status InvoiceStore::Create(const billing::v1::CreateInvoiceRequest& request,
                                  Invoice& created) {
  if (auto status = InvalidArgument(CheckRequest(request)); !status.ok()) return status;
  created = request.invoice();
  created.clear_id();
  created.clear_created_at();
  created.set_customer_id(request.customer_id());
  CompleteInvoice(created);
  if (request.validate_only()) return grpc::Status::OK;
  *created.mutable_created_at() = Now();
  const std::lock_guard lock(mutex_);
  if (invoices_.size() >= kMaxInvoices) {
    return Refused(grpc::StatusCode::RESOURCE_EXHAUSTED, "there are too many invoices",
                   "TOO_MANY_INVOICES", "billing.example.com");
  }
  created.set_id(MakeId(kIdPrefix, ++last_));
  invoices_.emplace(last_, created);
  return grpc::Status::OK;
}

grpc::Status InvoiceStore::List(const billing::v1::ListInvoicesRequest& request,
                                billing::v1::ListInvoicesResponse& response) const {
  Page page;
  if (auto status = CheckAndReadPage(request, page); !status.ok()) return status;
  auto [invoices, next_page_token] = Find(page, request.status());
  for (auto& invoice : invoices) *response.add_invoices() = std::move(invoice);
  response.set_next_page_token(std::move(next_page_token));
  return grpc::Status::OK;
}

grpc::Status InvoiceStore::Watch(const billing::v1::ListInvoicesRequest& request,
                                 std::vector<Invoice>& invoices) const {
  Page page;
  if (auto status = CheckAndReadPage(request, page); !status.ok()) return status;
  if (request.page_size() == 0) page.size = std::numeric_limits<int>::max();
  invoices = Find(page, request.status()).invoices;
  return grpc::Status::OK;
}

InvoiceStore::Found InvoiceStore::Find(const Page& page, billing::v1::Status status) const {
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
