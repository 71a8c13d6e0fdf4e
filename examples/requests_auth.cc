#include "examples/requests.h"

namespace puente::examples {
namespace {

constexpr char kDemoToken[] =
    R"({"valid": true, "userId": "u-1", "scopes": ["billing.read", "billing.write"],
        "expiresAt": "2099-01-01T00:00:00Z"})";

// SignLocalToken of user u-1, until 2099.
constexpr char kLocalToken[] =
    "u-1.4070908800.db863c25b2d1c9850e74a040dcd8915bf5c12fd9f274fd0ebffb689394acfa14";

DemoRequest MissingScope() {
  return ExpectStatus(
      403, JsonRequest("A token that lacks a scope", "/v1/auth:verify",
                       R"({"token": "reader-token", "requiredScopes": ["billing.write"]})",
                       R"({"code": 7, "details": [
                            {"@type": "type.googleapis.com/google.rpc.ErrorInfo",
                             "reason": "MISSING_SCOPE", "domain": "auth.example.com"}]})"));
}

}  // namespace

std::vector<DemoRequest> AuthRequests() {
  return {
      GetRequest("Verify a token", "/v1/auth/tokens/demo-token", kDemoToken),
      JsonRequest("The same method by POST, with a list of scopes", "/v1/auth:verify",
                  R"({"token": "demo-token", "requiredScopes": ["billing.read"]})", kDemoToken),
      MissingScope(),
      JsonRequest("Verify a signed token", "/v1/auth:validateLocal",
                  std::string(R"({"token": ")") + kLocalToken + R"("})",
                  R"({"valid": true, "userId": "u-1", "expiresAt": "2099-01-01T00:00:00Z"})"),
      GetRequest("A map in the answer", "/v1/users/u-1/permissions",
                 R"({"userId": "u-1",
                     "byResource": {"invoices": {"read": true, "write": true, "admin": true},
                                    "recordings": {"read": true}}})"),
      JsonRequest(
          "A method without an annotation", "/users.v1.UserService/GetUser", R"({"id": "u-1"})",
          R"({"id": "u-1", "name": "Ada Lovelace", "email": "ada@example.com", "age": 36})"),
      JsonRequest("Another one: a page of users", "/users.v1.UserService/ListUsers",
                  R"({"pageSize": 1})",
                  R"({"users": [{"id": "u-1"}], "nextPageToken": "after-1"})"),
  };
}

}  // namespace puente::examples
