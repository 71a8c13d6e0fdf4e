#include "examples/services/invoice_rules.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

namespace puente::examples {
namespace {

using billing::v1::Invoice;
using billing::v1::Line;
using billing::v1::Money;

constexpr int kMaxLines = 1000;
constexpr long double kNanosPerUnit = 1e9L;

bool IsCurrency(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

void CheckPrice(const Money& price, const std::string& currency, const std::string& place,
                std::vector<FieldViolation>& violations) {
  if (!IsCurrency(price.currency())) {
    violations.push_back({place + ".currency", "must be three capital letters"});
  } else if (price.currency() != currency) {
    violations.push_back({place + ".currency", "must be that of the first line"});
  }
  if (price.units() < 0) violations.push_back({place + ".units", "must not be negative"});
  if (price.nanos() < 0 || price.nanos() > 999'999'999) {
    violations.push_back({place + ".nanos", "must be from 0 to 999999999"});
  }
}

void CheckLine(const Line& line, const std::string& currency, const std::string& place,
               std::vector<FieldViolation>& violations) {
  if (line.sku().empty()) violations.push_back({place + ".sku", "must not be empty"});
  if (line.quantity() == 0) violations.push_back({place + ".quantity", "must be greater than 0"});
  CheckPrice(line.price(), currency, place + ".price", violations);
}

// In nanos. An integer of 64 bits times one of 32 bits fits a long double without loss that
// matters.
long double Total(const Invoice& invoice) {
  long double nanos = 0;
  for (const auto& line : invoice.lines()) {
    nanos += line.quantity() * (line.price().units() * kNanosPerUnit + line.price().nanos());
  }
  return std::round(nanos * (1 - static_cast<long double>(invoice.discount())));
}

std::string SerializeSorted(const Invoice& invoice) {
  std::string bytes;
  google::protobuf::io::StringOutputStream out(&bytes);
  google::protobuf::io::CodedOutputStream coded(&out);
  coded.SetSerializationDeterministic(true);
  invoice.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

// FNV-1a (datatracker.ietf.org/doc/draft-eastlake-fnv), big-endian.
std::string Checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char c : bytes) hash = (hash ^ c) * 0x100000001b3;
  std::string checksum;
  for (int shift = 56; shift >= 0; shift -= 8) checksum.push_back(static_cast<char>(hash >> shift));
  return checksum;
}

}  // namespace

std::vector<FieldViolation> CheckInvoice(const Invoice& invoice) {
  std::vector<FieldViolation> violations;
  if (invoice.lines().empty() || invoice.lines_size() > kMaxLines) {
    violations.push_back({"invoice.lines", fmt::format("must be 1 to {} lines", kMaxLines)});
    return violations;
  }
  for (int i = 0; i < invoice.lines_size(); ++i) {
    CheckLine(invoice.lines(i), invoice.lines(0).price().currency(),
              fmt::format("invoice.lines[{}]", i), violations);
  }
  if (!billing::v1::Status_IsValid(invoice.status())) {
    violations.push_back({"invoice.status", "must be a known status"});
  }
  if (!(invoice.discount() >= 0 && invoice.discount() <= 1)) {
    violations.push_back({"invoice.discount", "must be from 0 to 1"});
  }
  constexpr auto kMaxUnits = static_cast<long double>(std::numeric_limits<std::int64_t>::max() / 2);
  if (violations.empty() && Total(invoice) / kNanosPerUnit > kMaxUnits) {
    violations.push_back({"invoice.lines", "the total is too large"});
  }
  return violations;
}

void CompleteInvoice(Invoice& invoice) {
  if (invoice.status() == billing::v1::STATUS_UNSPECIFIED) {
    invoice.set_status(billing::v1::STATUS_DRAFT);
  }
  const long double nanos = Total(invoice);
  const long double units = std::floor(nanos / kNanosPerUnit);
  invoice.mutable_total()->set_currency(invoice.lines(0).price().currency());
  invoice.mutable_total()->set_units(static_cast<std::int64_t>(units));
  invoice.mutable_total()->set_nanos(
      static_cast<std::int32_t>(std::clamp(nanos - units * kNanosPerUnit, 0.0L, 999'999'999.0L)));
  invoice.clear_checksum();
  invoice.set_checksum(Checksum(SerializeSorted(invoice)));
}

}  // namespace puente::examples
