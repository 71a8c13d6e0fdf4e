#include "transcoder/comparison/compare_scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "transcoder/base64.h"
#include "transcoder/number_text.h"
#include "transcoder/scalar_text.h"
#include "transcoder/well_known.h"
#include "transcoder/well_known_text.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Kind = JsonScanner::Kind;

namespace {

// Both are values, and the same.
template <class Parsed>
bool SameParsed(const Parsed& a, const Parsed& b) {
  return a.has_value() && b.has_value() && *a == *b;
}

template <class Parsed>
bool SameReal(const Parsed& a, const Parsed& b) {
  const bool are_values = a.has_value() && b.has_value();
  return are_values && (*a == *b || (std::isnan(*a) && std::isnan(*b)));
}

// The wire form, which is the same for all spellings of a value. Error: `text` is no value.
using Wire = tl::expected<std::string, TextProblem>;

Wire WireOf(const FieldDescriptor& field, std::string_view text) {
  WireWriter wire;
  return AppendText(field, text, wire).map([&] { return std::move(wire).Finish(); });
}

Wire WireOf(const Descriptor& type, std::string_view text) {
  WireWriter wire;
  return AppendTextContent(type, text, wire).map([&] { return std::move(wire).Finish(); });
}

std::string DefaultText(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return fmt::format("{}", field.default_value_int32());
    case FieldDescriptor::CPPTYPE_INT64:
      return fmt::format("{}", field.default_value_int64());
    case FieldDescriptor::CPPTYPE_UINT32:
      return fmt::format("{}", field.default_value_uint32());
    case FieldDescriptor::CPPTYPE_UINT64:
      return fmt::format("{}", field.default_value_uint64());
    case FieldDescriptor::CPPTYPE_FLOAT:
      return fmt::format("{}", field.default_value_float());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return fmt::format("{}", field.default_value_double());
    case FieldDescriptor::CPPTYPE_BOOL:
      return field.default_value_bool() ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return fmt::format("{}", field.default_value_enum()->number());
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES
                 ? EncodeBase64(field.default_value_string())
                 : field.default_value_string();
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return "";
}

std::size_t CountFractionDigits(std::string_view timestamp) {
  const std::size_t point = timestamp.find('.');
  if (point == std::string_view::npos) return 0;
  const std::string_view fraction = timestamp.substr(point + 1);
  return std::min(fraction.find_first_not_of("0123456789"), fraction.size());
}

// The nanoseconds that the last of so many digits stands for.
std::int32_t UnitOfFraction(std::size_t digits) {
  constexpr std::size_t kDigitsOfNanos = 9;
  std::int32_t unit = 1;
  for (std::size_t i = digits; i < kDigitsOfNanos; ++i) unit *= 10;
  return unit;
}

bool SameTimestamp(std::string_view a, std::string_view b) {
  const auto time = ParseTimestamp(a), other = ParseTimestamp(b);
  if (!time || !other || time->seconds != other->seconds) return false;
  const std::int32_t unit =
      UnitOfFraction(std::min(CountFractionDigits(a), CountFractionDigits(b)));
  return time->nanos / unit == other->nanos / unit;
}

}  // namespace

bool TakesScalar(const FieldDescriptor& field, Kind kind) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return kind == Kind::kBool;
    case FieldDescriptor::CPPTYPE_STRING:
      return kind == Kind::kString;
    default:
      return kind == Kind::kString || kind == Kind::kNumber;
  }
}

bool SameScalar(const FieldDescriptor& field, std::string_view a, std::string_view b) {
  if (a == b) return true;
  switch (field.type()) {
    case FieldDescriptor::TYPE_STRING:
      return false;
    case FieldDescriptor::TYPE_FLOAT:
      return SameReal(ParseFloat(a), ParseFloat(b));
    case FieldDescriptor::TYPE_DOUBLE:
      return SameReal(ParseDouble(a), ParseDouble(b));
    default:
      return SameParsed(WireOf(field, a), WireOf(field, b));
  }
}

bool IsDefaultScalar(const FieldDescriptor& field, std::string_view text) {
  return SameScalar(field, text, DefaultText(field));
}

bool SameTextual(const Descriptor& type, std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (KindOf(type) == WellKnown::kTimestamp) return SameTimestamp(a, b);
  return SameParsed(WireOf(type, a), WireOf(type, b));
}

bool IsDefaultTextual(const Descriptor& type, std::string_view text) {
  const Wire wire = WireOf(type, text);
  return wire && wire->empty();
}

bool SameNumber(std::string_view a, std::string_view b) {
  constexpr int kBits = 64;
  if (a == b) return true;
  const auto integer = ParseSigned(a, kBits), other = ParseSigned(b, kBits);
  if (integer || other) return SameParsed(integer, other);
  const auto large = ParseUnsigned(a, kBits), other_large = ParseUnsigned(b, kBits);
  if (large || other_large) return SameParsed(large, other_large);
  return SameParsed(ParseDouble(a), ParseDouble(b));
}

}  // namespace puente
