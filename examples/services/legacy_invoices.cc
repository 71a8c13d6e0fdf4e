#include "examples/services/legacy_invoices.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "examples/services/legacy_error.h"
#include "examples/services/legacy_invoice_reader.h"
#include "examples/services/legacy_json.h"
#include "examples/services/legacy_report.h"

namespace puente::examples {
namespace {

using billing::v1::Invoice;
using billing::v1::ListInvoicesRequest;

constexpr std::size_t kYearDigits = 4;

bool Accepts(const std::string& accept, std::string_view type) {
  return accept.find(type) != std::string::npos;
}

std::optional<std::int32_t> ReadInteger(const std::string& text) {
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

std::optional<billing::v1::Status> ReadStatus(const std::string& text) {
  billing::v1::Status status{};
  if (billing::v1::Status_Parse(text, &status)) return status;
  const auto number = ReadInteger(text);
  return number ? std::optional(static_cast<billing::v1::Status>(*number)) : std::nullopt;
}

// The error is for the client.
tl::expected<ListInvoicesRequest, std::string> ReadListRequest(const LegacyTarget& target) {
  const auto size = ReadInteger(target.Parameter("page_size").value_or("0"));
  if (!size) return tl::unexpected<std::string>("page_size: expected an integer");
  const auto status = ReadStatus(target.Parameter("status").value_or("0"));
  if (!status) return tl::unexpected<std::string>("status: expected a known status");
  ListInvoicesRequest request;
  request.set_page_size(*size);
  request.set_page_token(target.Parameter("page_token").value_or(""));
  request.set_status(*status);
  return request;
}

std::optional<int> ReadYear(const std::string& text) {
  const bool digits = text.size() == kYearDigits &&
                      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return digits ? ReadInteger(text) : std::nullopt;
}

LegacyAnswer InvoiceAnswer(int status, const Invoice& invoice) {
  LegacyAnswer answer;
  answer.status = status;
  answer.body = LegacyInvoiceJson(invoice, LegacyJsonLayout::kPretty) + "\n";
  return answer;
}

// The parts of a body of many invoices.
class InvoiceParts {
 public:
  enum class Format { kArray, kNdjson };
  InvoiceParts(std::vector<Invoice> invoices, Format format)
      : invoices_(std::move(invoices)), format_(format) {}

  std::optional<std::string> operator()() {
    const std::size_t index = next_++;
    if (index < invoices_.size()) return PartOf(index);
    if (format_ == Format::kNdjson || index > invoices_.size()) return std::nullopt;
    return invoices_.empty() ? "[]\n" : "\n]\n";
  }

 private:
  std::string PartOf(std::size_t index) const {
    const auto line = LegacyInvoiceJson(invoices_[index], LegacyJsonLayout::kLine);
    if (format_ == Format::kNdjson) return line + "\n";
    return (index == 0 ? "[\n" : ",\n") + line;
  }

  std::vector<Invoice> invoices_;
  Format format_;
  std::size_t next_ = 0;
};

}  // namespace

LegacyInvoices::LegacyInvoices(std::shared_ptr<InvoiceStore> store,
                               std::shared_ptr<ServiceFaults> faults)
    : store_(std::move(store)), faults_(std::move(faults)) {}

LegacyAnswer LegacyInvoices::Get(const std::string& id) const {
  Invoice invoice;
  if (const auto status = store_->Get(id, invoice); !status.ok()) return LegacyError(status);
  faults_->Plant(invoice);
  return InvoiceAnswer(200, invoice);
}

LegacyAnswer LegacyInvoices::Create(const std::string& customer_id, const LegacyTarget& target,
                                    const std::string& body) const {
  const std::string validate_only = target.Parameter("validate_only").value_or("false");
  if (validate_only != "true" && validate_only != "false") {
    return LegacyError(400, "validate_only: expected true or false");
  }
  auto invoice = ReadLegacyInvoice(body);
  if (!invoice) return LegacyError(400, invoice.error());
  billing::v1::CreateInvoiceRequest request;
  request.set_customer_id(customer_id);
  request.set_validate_only(validate_only == "true");
  *request.mutable_invoice() = *std::move(invoice);
  Invoice created;
  if (const auto status = store_->Create(request, created); !status.ok()) {
    return LegacyError(status);
  }
  faults_->Plant(created);
  return InvoiceAnswer(request.validate_only() ? 200 : 201, created);
}

LegacyAnswer LegacyInvoices::List(const LegacyTarget& target) const {
  const auto request = ReadListRequest(target);
  if (!request) return LegacyError(400, request.error());
  billing::v1::ListInvoicesResponse page;
  if (const auto status = store_->List(*request, page); !status.ok()) return LegacyError(status);
  for (auto& invoice : *page.mutable_invoices()) faults_->Plant(invoice);
  LegacyAnswer answer;
  answer.body = LegacyListJson(page) + "\n";
  return answer;
}

LegacyAnswer LegacyInvoices::Watch(const LegacyTarget& target, const std::string& accept) const {
  const auto request = ReadListRequest(target);
  if (!request) return LegacyError(400, request.error());
  std::vector<Invoice> invoices;
  if (const auto status = store_->Watch(*request, invoices); !status.ok()) {
    return LegacyError(status);
  }
  for (auto& invoice : invoices) faults_->Plant(invoice);
  const bool ndjson = Accepts(accept, "application/x-ndjson");
  LegacyAnswer answer;
  if (ndjson) answer.content_type = "application/x-ndjson";
  answer.more = InvoiceParts(std::move(invoices),
                             ndjson ? InvoiceParts::Format::kNdjson : InvoiceParts::Format::kArray);
  return answer;
}

LegacyAnswer LegacyInvoices::Report(const std::string& year, const LegacyTarget& target,
                                    const std::string& accept) const {
  const auto number = ReadYear(year);
  if (!number) return LegacyError(404, "no such report");
  const bool csv =
      target.Parameter("format").value_or(Accepts(accept, "text/csv") ? "csv" : "html") == "csv";
  std::vector<Invoice> invoices;
  if (const auto status = store_->Watch({}, invoices); !status.ok()) return LegacyError(status);
  LegacyAnswer answer;
  answer.content_type = csv ? "text/csv; charset=utf-8" : "text/html; charset=utf-8";
  answer.body = csv ? LegacyReportCsv(*number, invoices) : LegacyReportHtml(*number, invoices);
  return answer;
}

}  // namespace puente::examples
