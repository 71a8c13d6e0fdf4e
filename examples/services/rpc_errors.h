// Errors as the Google API guidelines have them: a status with a google.rpc detail that a program
// can act on, in grpc-status-details-bin.
#pragma once

#include <grpcpp/support/status.h>

#include <string>
#include <vector>

namespace puente::examples {

// NOT_FOUND with a google.rpc.ResourceInfo. `resource_type` is a message's full name.
grpc::Status NotFound(const std::string& resource_type, const std::string& resource_name);

struct FieldViolation {
  std::string field;  // "invoice.lines[2].quantity"
  std::string description;
};

// INVALID_ARGUMENT with a google.rpc.BadRequest that lists all of `violations`; OK when there are
// none.
grpc::Status InvalidArgument(const std::vector<FieldViolation>& violations);

// Any other code, with a google.rpc.ErrorInfo. `reason` is in UPPER_SNAKE_CASE.
grpc::Status Refused(grpc::StatusCode code, const std::string& message, const std::string& reason,
                     const std::string& domain);

}  // namespace puente::examples
