#include "examples/services/sample_invoices.h"

#include <cstdint>

#include "examples/services/invoice_rules.h"

namespace puente::examples {
namespace {

using billing::v1::Invoice;

constexpr std::int64_t kFirstCreatedAt = 1'736'933'400;  // 2025-01-15T09:30:00Z
constexpr std::int64_t kDay = 86'400;

struct Product {
  const char* sku;
  const char* description;
  std::int64_t units;
  std::int32_t nanos;
  const char* tag;
};
constexpr Product kTea{"tea-250", "Green tea, 250 g", 12, 500'000'000, "organic"};
constexpr Product kCup{"cup-01", "Cup, blue", 8, 990'000'000, "ceramic"};
constexpr Product kKettle{"ket-7", "Kettle, 1.7 l", 49, 0, "electric"};

struct Sample {
  const char* customer;
  billing::v1::Status status;
  const char* region;
  const Product* product;
  std::uint32_t quantity;
  double discount;
};
constexpr Sample kSamples[] = {
    {"c-1", billing::v1::STATUS_PAID, "eu", &kTea, 4, 0},
    {"c-2", billing::v1::STATUS_OPEN, "us", &kKettle, 1, 0},
    {"c-1", billing::v1::STATUS_OPEN, "eu", &kCup, 6, 0.25},
    {"c-3", billing::v1::STATUS_DRAFT, "eu", &kTea, 1, 0},
    {"c-2", billing::v1::STATUS_PAID, "us", &kCup, 2, 0},
};

void AddLine(Invoice& invoice, const Product& product, std::uint32_t quantity) {
  auto& line = *invoice.add_lines();
  line.set_sku(product.sku);
  line.set_description(product.description);
  line.set_quantity(quantity);
  line.add_tags(product.tag);
  line.mutable_price()->set_currency("EUR");
  line.mutable_price()->set_units(product.units);
  line.mutable_price()->set_nanos(product.nanos);
}

Invoice MakeInvoice(const Sample& sample, std::int64_t created_at) {
  Invoice invoice;
  invoice.set_customer_id(sample.customer);
  invoice.set_status(sample.status);
  invoice.set_discount(sample.discount);
  (*invoice.mutable_labels())["region"] = sample.region;
  AddLine(invoice, *sample.product, sample.quantity);
  CompleteInvoice(invoice);
  invoice.mutable_created_at()->set_seconds(created_at);
  return invoice;
}

}  // namespace

std::vector<Invoice> SampleInvoices() {
  std::vector<Invoice> invoices;
  for (const auto& sample : kSamples) {
    const auto day = static_cast<std::int64_t>(invoices.size());
    invoices.push_back(MakeInvoice(sample, kFirstCreatedAt + day * kDay));
  }
  return invoices;
}

}  // namespace puente::examples
