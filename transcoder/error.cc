#include "transcoder/error.h"

#include <array>

namespace puente {
namespace {

struct CodeRow {
  std::string_view name;
  int http_status;
};

constexpr std::array<CodeRow, kCodeCount> kCodes = {{
    {"OK", 200},
    {"CANCELLED", 499},
    {"UNKNOWN", 500},
    {"INVALID_ARGUMENT", 400},
    {"DEADLINE_EXCEEDED", 504},
    {"NOT_FOUND", 404},
    {"ALREADY_EXISTS", 409},
    {"PERMISSION_DENIED", 403},
    {"RESOURCE_EXHAUSTED", 429},
    {"FAILED_PRECONDITION", 400},
    {"ABORTED", 409},
    {"OUT_OF_RANGE", 400},
    {"UNIMPLEMENTED", 501},
    {"INTERNAL", 500},
    {"UNAVAILABLE", 503},
    {"DATA_LOSS", 500},
    {"UNAUTHENTICATED", 401},
}};

const CodeRow& RowOf(Code code) {
  return kCodes[static_cast<std::size_t>(CodeOfNumber(static_cast<int>(code)))];
}

}  // namespace

Code CodeOfNumber(int number) {
  return number >= 0 && number < kCodeCount ? static_cast<Code>(number) : Code::kUnknown;
}

std::string_view CodeName(Code code) { return RowOf(code).name; }

int HttpStatusOf(Code code) { return RowOf(code).http_status; }

}  // namespace puente
