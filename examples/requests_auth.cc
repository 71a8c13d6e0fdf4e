#include <algorithm>
#include <iterator>
#include <utility>

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

// Of an API without annotations: the paths are made from names and fields (auto_routes: REST).
std::vector<DemoRequest> InferredRequests() {
  DemoRequest patch =
      JsonRequest("UpdateUser: PATCH changes what the body names", "/users/u-2", R"({"age": 41})",
                  R"({"id": "u-2", "name": "Alan Turing", "age": 41})");
  patch.method = "PATCH";
  DemoRequest put = JsonRequest(
      "UpdateUser: PUT replaces the whole user", "/users/u-3",
      R"({"name": "Grace Hopper", "email": "grace@example.com", "age": 85})",
      R"({"id": "u-3", "name": "Grace Hopper", "email": "grace@example.com", "age": 85})");
  put.method = "PUT";
  DemoRequest remove = GetRequest("DeleteUser: nobody to delete", "/users/u-99", R"({"code": 5})");
  remove.method = "DELETE";
  return {
      GetRequest("GetUser, without an annotation", "/users/u-1",
                 R"({"id": "u-1", "name": "Ada Lovelace", "email": "ada@example.com"})"),
      GetRequest("ListUsers: a page of them", "/users?pageSize=1",
                 R"({"users": [{"id": "u-1"}], "nextPageToken": "after-1"})"),
      ExpectStatus(400, JsonRequest("CreateUser: one that is not sound", "/users",
                                    R"({"name": "Nobody", "email": "nowhere"})",
                                    R"({"code": 3, "details": [
                                          {"@type": "type.googleapis.com/google.rpc.BadRequest",
                                           "fieldViolations": [{"field": "user.email"}]}]})")),
      std::move(patch),
      std::move(put),
      ExpectStatus(404, std::move(remove)),
  };
}

}  // namespace

std::vector<DemoRequest> AuthRequests() {
  std::vector<DemoRequest> requests = {
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
          "Any method is also an RPC route", "/users.v1.UserService/GetUser", R"({"id": "u-1"})",
          R"({"id": "u-1", "name": "Ada Lovelace", "email": "ada@example.com", "age": 36})"),
      JsonRequest("Another one: the page of users", "/users.v1.UserService/ListUsers",
                  R"({"pageSize": 1})",
                  R"({"users": [{"id": "u-1"}], "nextPageToken": "after-1"})"),
  };
  std::ranges::move(InferredRequests(), std::back_inserter(requests));
  return requests;
}

}  // namespace puente::examples
