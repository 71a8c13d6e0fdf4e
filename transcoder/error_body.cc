#include "transcoder/error_body.h"

#include <fmt/format.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/unknown_field_set.h>

#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "transcoder/http_status.h"
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

// The object that is the body, and the list of details; where there is {"error":…}, that as well.
constexpr int kLevelsAroundDetail = 2;

class ErrorPrinter {
 public:
  ErrorPrinter(const Error& error, const ErrorBodyOptions& options, int levels_around)
      : error_(error),
        options_(options),
        levels_(levels_around + kLevelsAroundDetail),
        status_(ReadStatus(error.status_details).value_or(RawStatus())) {}

  // Appends the object that the format has for the error.
  void Print(std::string& out) const {
    switch (options_.format) {
      case ErrorFormat::kStatus:
        fmt::format_to(std::back_inserter(out), R"({{"code":{},"message":)",
                       static_cast<int>(error_.code));
        PrintMessage(out);
        break;
      case ErrorFormat::kAip193:
        fmt::format_to(std::back_inserter(out), R"({{"code":{},"message":)", error_.HttpStatus());
        PrintMessage(out);
        fmt::format_to(std::back_inserter(out), R"(,"status":"{}")", CodeName(error_.code));
        break;
      case ErrorFormat::kProblem:
        fmt::format_to(std::back_inserter(out),
                       R"({{"type":"about:blank","title":"{}","status":{},"detail":)",
                       ReasonPhrase(error_.HttpStatus()), error_.HttpStatus());
        PrintMessage(out);
        fmt::format_to(std::back_inserter(out), R"(,"code":"{}")", CodeName(error_.code));
        break;
    }
    PrintDetails(out);
    out.push_back('}');
  }

 private:
  void PrintMessage(std::string& out) const {
    const std::string& message = status_.message.empty() ? error_.message : status_.message;
    AppendJsonString(ReplaceInvalidUtf8(message), out);
  }

  void PrintDetails(std::string& out) const {
    if (status_.details.empty()) return;
    google::protobuf::DynamicMessageFactory factory(options_.pool);
    std::string_view separator = ",\"details\":[";
    for (const RawAny& detail : status_.details) {
      out.append(separator);
      PrintDetail(detail, factory, out);
      separator = ",";
    }
    out.push_back(']');
  }

  void PrintDetail(const RawAny& detail, google::protobuf::DynamicMessageFactory& factory,
                   std::string& out) const {
    const std::size_t begin = out.size();
    const CodecOptions codec_options{.max_json_depth = options_.max_depth};
    JsonPrinter printer(*options_.pool, factory, codec_options, out, levels_);
    if (printer.PrintAny(detail.type_url, detail.value)) return;
    out.resize(begin);
    AppendOpaqueAny(detail.type_url, detail.value, out);
  }

  const Error& error_;
  const ErrorBodyOptions& options_;
  const int levels_;
  const RawStatus status_;
};

}  // namespace

std::string_view ErrorContentType(ErrorFormat format) {
  return format == ErrorFormat::kProblem ? "application/problem+json" : "application/json";
}

std::string PrintErrorBody(const Error& error, const ErrorBodyOptions& options) {
  std::string out;
  if (options.format != ErrorFormat::kAip193) {
    ErrorPrinter(error, options, 0).Print(out);
    return out;
  }
  out = R"({"error":)";
  ErrorPrinter(error, options, 1).Print(out);
  out.push_back('}');
  return out;
}

std::string PrintInBandError(const Error& error, const ErrorBodyOptions& options) {
  std::string out;
  ErrorPrinter(error, options, 1).Print(out);
  return out;
}

}  // namespace puente
