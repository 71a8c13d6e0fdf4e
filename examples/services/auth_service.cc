#include "examples/services/auth_service.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>

#include "examples/services/local_token.h"
#include "examples/services/rpc_errors.h"

namespace puente::examples {
namespace {

using auth::v1::Permission;
using auth::v1::TokenInfo;

constexpr std::int64_t kYear2099 = 4'070'908'800;  // 2099-01-01T00:00:00Z
constexpr std::int64_t kYear2020 = 1'577'836'800;  // 2020-01-01T00:00:00Z

std::int64_t Now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

TokenInfo Session(const char* user_id, std::int64_t expires_at,
                  std::initializer_list<const char*> scopes) {
  TokenInfo info;
  info.set_user_id(user_id);
  info.mutable_expires_at()->set_seconds(expires_at);
  for (const char* scope : scopes) info.add_scopes(scope);
  return info;
}

Permission Allow(bool read, bool write, bool admin) {
  Permission permission;
  permission.set_read(read);
  permission.set_write(write);
  permission.set_admin(admin);
  return permission;
}

bool HasScope(const TokenInfo& info, const std::string& scope) {
  return std::ranges::find(info.scopes(), scope) != info.scopes().end();
}

grpc::Status CheckToken(const std::string& token) {
  if (!token.empty()) return grpc::Status::OK;
  return InvalidArgument({{"token", "must not be empty"}});
}

}  // namespace

AuthService::AuthService() {
  sessions_["demo-token"] = Session("u-1", kYear2099, {"billing.read", "billing.write"});
  sessions_["reader-token"] = Session("u-2", kYear2099, {"billing.read"});
  sessions_["expired-token"] = Session("u-3", kYear2020, {"billing.read"});
  for (const char* user : {"u-1", "u-2", "u-3"}) permissions_[user].set_user_id(user);
  auto& owner = *permissions_["u-1"].mutable_by_resource();
  owner["invoices"] = Allow(true, true, true);
  owner["recordings"] = Allow(true, false, false);
  (*permissions_["u-2"].mutable_by_resource())["invoices"] = Allow(true, false, false);
}

grpc::Status AuthService::ValidateLocal(grpc::ServerContext* /*context*/,
                                        const auth::v1::ValidateLocalRequest* request,
                                        TokenInfo* response) {
  if (auto status = CheckToken(request->token()); !status.ok()) return status;
  const auto token = ReadLocalToken(request->token());
  if (!token) return grpc::Status::OK;
  response->set_user_id(token->user_id);
  response->mutable_expires_at()->set_seconds(token->expires_at);
  response->set_valid(token->expires_at > Now());
  return grpc::Status::OK;
}

grpc::Status AuthService::VerifyToken(grpc::ServerContext* /*context*/,
                                      const auth::v1::VerifyTokenRequest* request,
                                      TokenInfo* response) {
  if (auto status = CheckToken(request->token()); !status.ok()) return status;
  const auto session = sessions_.find(request->token());
  if (session == sessions_.end()) return grpc::Status::OK;
  *response = session->second;
  response->set_valid(response->expires_at().seconds() > Now());
  const bool has_scopes = std::ranges::all_of(
      request->required_scopes(),
      [&](const std::string& scope) { return HasScope(session->second, scope); });
  if (!response->valid() || has_scopes) return grpc::Status::OK;
  return Refused(grpc::StatusCode::PERMISSION_DENIED, "the token lacks a required scope",
                 "MISSING_SCOPE", "auth.example.com");
}

grpc::Status AuthService::GetUserPermissions(grpc::ServerContext* /*context*/,
                                             const auth::v1::GetUserPermissionsRequest* request,
                                             auth::v1::UserPermissions* response) {
  const auto user = permissions_.find(request->user_id());
  if (user == permissions_.end()) return NotFound("users.v1.User", request->user_id());
  if (request->resource().empty()) {
    *response = user->second;
    return grpc::Status::OK;
  }
  response->set_user_id(request->user_id());
  const auto& by_resource = user->second.by_resource();
  const auto found = by_resource.find(request->resource());
  if (found != by_resource.end()) {
    (*response->mutable_by_resource())[found->first] = found->second;
  }
  return grpc::Status::OK;
}

}  // namespace puente::examples
