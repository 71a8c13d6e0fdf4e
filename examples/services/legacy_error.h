// Errors as the legacy service has them: {"error": "no such invoice"} and an HTTP status.
#pragma once

#include <grpcpp/support/status.h>

#include <string_view>

#include "examples/services/legacy_http_session.h"

namespace puente::examples {

LegacyAnswer LegacyError(int http_status, std::string_view message);

// Of what InvoiceStore refused.
LegacyAnswer LegacyError(const grpc::Status& refusal);

}  // namespace puente::examples
