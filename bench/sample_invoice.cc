#include "bench/sample_invoice.h"

#include <string>

namespace puente::bench {
namespace {

// What the head and one line of the invoice take as JSON.
constexpr std::size_t kHeadBytes = 211;
constexpr std::size_t kLineBytes = 96;

billing::v1::Invoice Head() {
  billing::v1::Invoice invoice;
  invoice.set_id("inv-1001");
  invoice.set_customer_id("c-42");
  invoice.set_status(billing::v1::STATUS_OPEN);
  invoice.mutable_total()->set_currency("EUR");
  invoice.mutable_total()->set_units(129);
  return invoice;
}

void AddLine(billing::v1::Invoice& invoice) {
  auto* line = invoice.add_lines();
  line->set_sku("sku-" + std::to_string(1000 + invoice.lines_size() % 9000));
  line->set_description("Widget");
  line->set_quantity(2);
  line->mutable_price()->set_currency("EUR");
  line->mutable_price()->set_units(64);
}

}  // namespace

billing::v1::Invoice SampleInvoice(std::size_t json_bytes) {
  billing::v1::Invoice invoice = Head();
  if (json_bytes < kHeadBytes) return invoice;
  invoice.mutable_created_at()->set_seconds(1'790'000'000);
  (*invoice.mutable_labels())["region"] = "eu";
  invoice.set_discount(12.5);
  invoice.set_checksum("\xab\xcd\xef\x12\x34\x56\x78\x90");
  const std::size_t lines = (json_bytes - kHeadBytes + kLineBytes / 2) / kLineBytes;
  for (std::size_t i = 0; i < lines; ++i) AddLine(invoice);
  return invoice;
}

billing::v1::ListInvoicesResponse SampleList(int count) {
  billing::v1::ListInvoicesResponse list;
  for (int i = 0; i < count; ++i) {
    auto* invoice = list.add_invoices();
    *invoice = SampleInvoice(400);
    invoice->set_id("inv-" + std::to_string(1001 + i));
  }
  return list;
}

}  // namespace puente::bench
