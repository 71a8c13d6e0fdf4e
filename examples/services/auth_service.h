// auth.v1.AuthService over sessions and permissions in memory.
#pragma once

#include <map>
#include <string>

#include "auth/v1/auth.grpc.pb.h"

namespace puente::examples {

// Begins with the tokens "demo-token" (of u-1, scopes billing.read and billing.write, valid until
// 2099), "reader-token" (of u-2, scope billing.read, valid until 2099) and "expired-token" (of
// u-3), and with the permissions of these users. Nothing in the contract changes them, so that any
// number of calls at once is safe.
class AuthService final : public auth::v1::AuthService::Service {
 public:
  AuthService();

  // For tokens of SignLocalToken. One that is not, or is expired, is answered with valid = false.
  grpc::Status ValidateLocal(grpc::ServerContext* context,
                             const auth::v1::ValidateLocalRequest* request,
                             auth::v1::TokenInfo* response) override;

  // An unknown or expired token is answered with valid = false. PERMISSION_DENIED with the reason
  // MISSING_SCOPE when a valid one has not all required_scopes.
  grpc::Status VerifyToken(grpc::ServerContext* context,
                           const auth::v1::VerifyTokenRequest* request,
                           auth::v1::TokenInfo* response) override;

  // Of all resources, or of the one that is named. NOT_FOUND for an unknown user.
  grpc::Status GetUserPermissions(grpc::ServerContext* context,
                                  const auth::v1::GetUserPermissionsRequest* request,
                                  auth::v1::UserPermissions* response) override;

 private:
  std::map<std::string, auth::v1::TokenInfo> sessions_;           // by token
  std::map<std::string, auth::v1::UserPermissions> permissions_;  // by user
};

}  // namespace puente::examples
