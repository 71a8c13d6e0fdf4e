#include "examples/services/rpc_errors.h"

#include <fmt/format.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace puente::examples {
namespace {

grpc::Status WithDetail(grpc::StatusCode code, const std::string& message,
                        const google::protobuf::Message& detail) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  status.add_details()->PackFrom(detail);
  return {code, message, status.SerializeAsString()};
}

}  // namespace

grpc::Status NotFound(const std::string& resource_type, const std::string& resource_name) {
  google::rpc::ResourceInfo info;
  info.set_resource_type(resource_type);
  info.set_resource_name(resource_name);
  info.set_description("there is none of this name");
  return WithDetail(grpc::StatusCode::NOT_FOUND, fmt::format("no such {}", resource_type), info);
}

grpc::Status InvalidArgument(const std::vector<FieldViolation>& violations) {
  if (violations.empty()) return grpc::Status::OK;
  google::rpc::BadRequest bad_request;
  for (const auto& [field, description] : violations) {
    auto& violation = *bad_request.add_field_violations();
    violation.set_field(field);
    violation.set_description(description);
  }
  return WithDetail(grpc::StatusCode::INVALID_ARGUMENT,
                    fmt::format("{}: {}", violations[0].field, violations[0].description),
                    bad_request);
}

grpc::Status Refused(grpc::StatusCode code, const std::string& message, const std::string& reason,
                     const std::string& domain) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(domain);
  return WithDetail(code, message, info);
}

}  // namespace puente::examples
