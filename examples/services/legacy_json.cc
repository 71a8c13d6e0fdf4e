#include "examples/services/legacy_json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdint>
#include <map>

namespace puente::examples {
namespace {

using billing::v1::Invoice;
using billing::v1::Line;
using billing::v1::Money;

constexpr std::int32_t kNanosPerMilli = 1'000'000;

std::string Time(const google::protobuf::Timestamp& time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}+00:00", fmt::gmtime(time.seconds()),
                     time.nanos() / kNanosPerMilli);
}

// RFC 4648, section 5.
std::string Base64Url(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;  // of the low bits that are not written yet
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 6; count -= 6) text += kAlphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) text += kAlphabet[bits << (6 - count) & 63];
  return text;
}

void Write(const Money& money, LegacyJsonWriter& json) {
  json.BeginObject();
  json.Key("currency").TextOrNull(money.currency());
  json.Key("nanos").Number(std::int64_t{money.nanos()});
  json.Key("units").Number(std::int64_t{money.units()});
  json.EndObject();
}

void WriteTags(const Line& line, LegacyJsonWriter& json) {
  json.BeginArray();
  for (const auto& tag : line.tags()) json.Text(tag);
  json.EndArray();
}

void Write(const Line& line, LegacyJsonWriter& json) {
  json.BeginObject();
  json.Key("description").TextOrNull(line.description());
  json.Key("price");
  Write(line.price(), json);
  json.Key("quantity").Number(std::int64_t{line.quantity()});
  json.Key("sku").TextOrNull(line.sku());
  json.Key("tags");
  WriteTags(line, json);
  json.EndObject();
}

// A protobuf map has no order of its own.
void WriteLabels(const Invoice& invoice, LegacyJsonWriter& json) {
  const std::map<std::string, std::string> labels(invoice.labels().begin(), invoice.labels().end());
  json.BeginObject();
  for (const auto& [name, value] : labels) json.Key(name).Text(value);
  json.EndObject();
}

void WriteLines(const Invoice& invoice, LegacyJsonWriter& json) {
  json.BeginArray();
  for (const auto& line : invoice.lines()) Write(line, json);
  json.EndArray();
}

void Write(const Invoice& invoice, LegacyJsonWriter& json) {
  json.BeginObject();
  json.Key("checksum").TextOrNull(Base64Url(invoice.checksum()));
  json.Key("created_at").TextOrNull(invoice.has_created_at() ? Time(invoice.created_at()) : "");
  json.Key("customer_id").TextOrNull(invoice.customer_id());
  json.Key("discount").Number(invoice.discount());
  json.Key("id").TextOrNull(invoice.id());
  json.Key("labels");
  WriteLabels(invoice, json);
  json.Key("lines");
  WriteLines(invoice, json);
  json.Key("status").Number(std::int64_t{invoice.status()});
  json.Key("total");
  Write(invoice.total(), json);
  json.EndObject();
}

}  // namespace

std::string LegacyInvoiceJson(const Invoice& invoice, LegacyJsonLayout layout) {
  LegacyJsonWriter json(layout);
  Write(invoice, json);
  return std::move(json).Take();
}

std::string LegacyListJson(const billing::v1::ListInvoicesResponse& page) {
  LegacyJsonWriter json(LegacyJsonLayout::kPretty);
  json.BeginObject();
  json.Key("next_page_token").TextOrNull(page.next_page_token());
  json.Key("invoices");
  json.BeginArray();
  for (const auto& invoice : page.invoices()) Write(invoice, json);
  json.EndArray();
  json.EndObject();
  return std::move(json).Take();
}

std::string LegacyErrorJson(std::string_view message) {
  LegacyJsonWriter json(LegacyJsonLayout::kPretty);
  json.BeginObject();
  json.Key("error").Text(message);
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace puente::examples
