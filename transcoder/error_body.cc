#include "transcoder/error_body.h"

#include <fmt/format.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/unknown_field_set.h>

#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "transcoder/json_printer.h"
#include "transcoder/json_text.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// A google.protobuf.Any and a google.rpc.Status, read without the check that their texts are UTF-8:
// what a broken upstream says is better than nothing.
struct RawAny {
  std::string type_url, value;
};
struct RawStatus {
  std::string message;
  std::vector<RawAny> details;
};

template <class Visit>
bool ForEachString(const std::string& bytes, Visit visit) {
  UnknownFieldSet fields;
  if (!fields.ParseFromString(bytes)) return false;
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    const bool is_string = field.type() == UnknownField::TYPE_LENGTH_DELIMITED;
    if (is_string && !visit(field.number(), field.length_delimited())) return false;
  }
  return true;
}

bool ReadAny(const std::string& bytes, RawAny& any) {
  return ForEachString(bytes, [&](int number, const std::string& value) {
    if (number == 1) any.type_url = value;
    if (number == 2) any.value = value;
    return true;
  });
}

std::optional<RawStatus> ReadStatus(const std::string& bytes) {
  RawStatus status;
  const bool read = ForEachString(bytes, [&](int number, const std::string& value) {
    if (number == 2) status.message = value;
    return number != 3 || ReadAny(value, status.details.emplace_back());
  });
  return read ? std::optional(std::move(status)) : std::nullopt;
}

constexpr int kLevelsAroundDetail = 2;

void PrintDetail(const RawAny& detail, const google::protobuf::DescriptorPool& pool,
                 google::protobuf::DynamicMessageFactory& factory, const CodecOptions& options,
                 std::string& out) {
  const std::size_t begin = out.size();
  JsonPrinter printer(pool, factory, options, out, kLevelsAroundDetail);
  if (printer.PrintAny(detail.type_url, detail.value)) return;
  out.resize(begin);
  AppendOpaqueAny(detail.type_url, detail.value, out);
}

void PrintDetails(const std::vector<RawAny>& details, const google::protobuf::DescriptorPool& pool,
                  int max_depth, std::string& out) {
  if (details.empty()) return;
  google::protobuf::DynamicMessageFactory factory(&pool);
  const CodecOptions options{.max_json_depth = max_depth};
  std::string_view separator = ",\"details\":[";
  for (const RawAny& detail : details) {
    out.append(separator);
    PrintDetail(detail, pool, factory, options, out);
    separator = ",";
  }
  out.push_back(']');
}

}  // namespace

std::string PrintErrorBody(const Error& error, const google::protobuf::DescriptorPool& pool,
                           int max_depth) {
  const RawStatus status = ReadStatus(error.status_details).value_or(RawStatus());
  const std::string& message = status.message.empty() ? error.message : status.message;
  std::string out = fmt::format("{{\"code\":{},\"message\":", static_cast<int>(error.code));
  AppendJsonString(ReplaceInvalidUtf8(message), out);
  PrintDetails(status.details, pool, max_depth, out);
  out.push_back('}');
  return out;
}

}  // namespace puente
