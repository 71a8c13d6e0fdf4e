#include "examples/services/legacy_invoice_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace puente::examples {
namespace {

using billing::v1::Invoice;
using billing::v1::Line;
using billing::v1::Money;
using simdjson::dom::element;

constexpr std::size_t kMaxDepth = 64;
constexpr double kTwoTo63 = 9223372036854775808.0;

// Ends the reading; caught in ReadLegacyInvoice alone.
struct WrongField {
  std::string_view name;
  const char* expected;
};

template <class T>
T NumberOfText(std::string_view name, std::string_view text) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw WrongField{name, "a number"};
  }
  return number;
}

// 3.0 and 3e0 are integers, too.
std::int64_t WholeOf(std::string_view name, double number) {
  if (std::trunc(number) != number || std::abs(number) >= kTwoTo63) {
    throw WrongField{name, "an integer"};
  }
  return static_cast<std::int64_t>(number);
}

std::string Text(std::string_view name, const element& value) {
  if (!value.is_string()) throw WrongField{name, "text"};
  return std::string(value.get_string().value_unsafe());
}

double Number(std::string_view name, const element& value) {
  if (value.is_string()) return NumberOfText<double>(name, value.get_string().value_unsafe());
  if (!value.is_number()) throw WrongField{name, "a number"};
  return value.get_double().value_unsafe();
}

template <class T>
T Integer(std::string_view name, const element& value) {
  std::int64_t number = 0;
  if (value.is_int64()) {
    number = value.get_int64().value_unsafe();
  } else if (value.is_string()) {
    number = NumberOfText<std::int64_t>(name, value.get_string().value_unsafe());
  } else {
    number = WholeOf(name, Number(name, value));
  }
  if (!std::in_range<T>(number)) throw WrongField{name, "an integer of its range"};
  return static_cast<T>(number);
}

billing::v1::Status StatusOf(std::string_view name, const element& value) {
  if (!value.is_string()) {
    return static_cast<billing::v1::Status>(Integer<std::int32_t>(name, value));
  }
  billing::v1::Status status{};
  if (!billing::v1::Status_Parse(Text(name, value), &status)) {
    throw WrongField{name, "a known status"};
  }
  return status;
}

// `use(name, value)` for each member that is not null.
template <class Use>
void ForEachMember(std::string_view name, const element& value, Use use) {
  if (!value.is_object()) throw WrongField{name, "an object"};
  const simdjson::dom::object members = value.get_object().value_unsafe();
  for (const auto [key, member] : members) {
    if (!member.is_null()) use(key, member);
  }
}

template <class Use>
void ForEachEntry(std::string_view name, const element& value, Use use) {
  if (!value.is_array()) throw WrongField{name, "an array"};
  const simdjson::dom::array entries = value.get_array().value_unsafe();
  for (const element entry : entries) use(entry);
}

void ReadMoney(const element& value, Money& money) {
  ForEachMember("price", value, [&](std::string_view name, const element& member) {
    if (name == "currency") money.set_currency(Text(name, member));
    if (name == "units") money.set_units(Integer<std::int64_t>(name, member));
    if (name == "nanos") money.set_nanos(Integer<std::int32_t>(name, member));
  });
}

void ReadLine(const element& value, Line& line) {
  ForEachMember("lines", value, [&](std::string_view name, const element& member) {
    if (name == "sku") line.set_sku(Text(name, member));
    if (name == "description") line.set_description(Text(name, member));
    if (name == "quantity") line.set_quantity(Integer<std::uint32_t>(name, member));
    if (name == "price") ReadMoney(member, *line.mutable_price());
    if (name == "tags") {
      ForEachEntry(name, member, [&](const element& tag) { line.add_tags(Text(name, tag)); });
    }
  });
}

Invoice ReadInvoice(const element& value) {
  Invoice invoice;
  ForEachMember("invoice", value, [&](std::string_view name, const element& member) {
    if (name == "status") invoice.set_status(StatusOf(name, member));
    if (name == "discount") invoice.set_discount(Number(name, member));
    if (name == "lines") {
      ForEachEntry(name, member,
                   [&](const element& line) { ReadLine(line, *invoice.add_lines()); });
    }
    if (name == "labels") {
      ForEachMember(name, member, [&](std::string_view key, const element& label) {
        (*invoice.mutable_labels())[std::string(key)] = Text("labels", label);
      });
    }
  });
  return invoice;
}

}  // namespace

tl::expected<Invoice, std::string> ReadLegacyInvoice(std::string_view json) {
  simdjson::dom::parser parser;
  element value;
  if (parser.allocate(std::max(json.size(), simdjson::dom::MINIMAL_DOCUMENT_CAPACITY), kMaxDepth) ||
      parser.parse(json.data(), json.size()).get(value)) {
    return tl::unexpected<std::string>("the body is not JSON");
  }
  try {
    return ReadInvoice(value);
  } catch (const WrongField& wrong) {
    return tl::unexpected(fmt::format("{}: expected {}", wrong.name, wrong.expected));
  }
}

}  // namespace puente::examples
