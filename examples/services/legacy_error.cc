#include "examples/services/legacy_error.h"

#include "examples/services/legacy_json.h"

namespace puente::examples {

LegacyAnswer LegacyError(int http_status, std::string_view message) {
  LegacyAnswer answer;
  answer.status = http_status;
  answer.body = LegacyErrorJson(message);
  return answer;
}

LegacyAnswer LegacyError(const grpc::Status& refusal) {
  switch (refusal.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
      return LegacyError(400, refusal.error_message());
    case grpc::StatusCode::NOT_FOUND:
      return LegacyError(404, "no such invoice");
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return LegacyError(429, refusal.error_message());
    default:
      return LegacyError(500, "internal error");
  }
}

}  // namespace puente::examples
