// Routes that are inferred from names and fields: design section 4, rule 13, `auto_routes: REST`.
#include "transcoder/rest_routes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/testdata/compile_protos.h"
#include "transcoder/route.h"

namespace puente {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::LoadProto;
using ::testing::UnorderedElementsAre;

// All routes of a service with `methods`; its messages are those of `messages` and Empty.
std::shared_ptr<const DescriptorSet> Service(const std::string& messages,
                                             const std::string& methods) {
  return LoadProto(R"(syntax = "proto3"; package t; import "google/api/annotations.proto";
                      import "google/protobuf/wrappers.proto";
                      message Empty {})" +
                   messages + " service S { " + methods + " }");
}

// "GET /users/{id}", with " body user" where there is one.
std::vector<std::string> RestOf(const DescriptorSet& set) {
  std::vector<std::string> described;
  const auto& service = *set.services()[0];
  const RestRoutes rest(service);
  for (int i = 0; i < service.method_count(); ++i) {
    for (const HttpBinding& binding : rest.BindingsOf(*service.method(i))) {
      EXPECT_TRUE(binding.automatic);
      EXPECT_TRUE(CompileRoute(binding)) << binding.Describe();
      described.push_back(binding.http_method + " " + binding.path_template +
                          (binding.body.empty() ? "" : " body " + binding.body));
    }
  }
  return described;
}

std::vector<std::string> RestOf(const std::string& messages, const std::string& methods) {
  return RestOf(*Service(messages, methods));
}

// Of methods called `names`, each with a request of `fields`.
std::vector<std::string> RestOfNames(const std::string& fields,
                                     const std::vector<std::string>& names) {
  std::string methods;
  for (const auto& name : names) methods += "rpc " + name + "(M) returns (Empty);";
  return RestOf("message M { " + fields + " }", methods);
}

TEST(RestRoutes, AreThoseOfTheUsersContract) {
  EXPECT_THAT(RestOf(R"(
                message User { string id = 1; string name = 2; }
                message GetUserRequest { string id = 1; }
                message ListUsersRequest { int32 page_size = 1; }
                message CreateUserRequest { User user = 1; }
                message UpdateUserRequest { string id = 1; User user = 2; }
                message DeleteUserRequest { string id = 1; }
                message ResetPasswordRequest { string id = 1; })",
                     R"(
                rpc GetUser(GetUserRequest) returns (User);
                rpc ListUsers(ListUsersRequest) returns (User);
                rpc CreateUser(CreateUserRequest) returns (User);
                rpc UpdateUser(UpdateUserRequest) returns (User);
                rpc DeleteUser(DeleteUserRequest) returns (Empty);
                rpc ResetPassword(ResetPasswordRequest) returns (Empty);)"),
              ElementsAre("GET /users/{id}", "GET /users", "POST /users body user",
                          "PUT /users/{id} body user", "PATCH /users/{id} body user",
                          "DELETE /users/{id}"));
}

TEST(RestRoutes, TheKeyIsIdOrTheResourcesIdOrName) {
  struct {
    std::string fields, path;
  } const kCases[] = {
      {"string id = 1;", "/users/{id}"},
      {"optional string id = 1;", "/users/{id}"},
      {"int64 id = 1;", "/users/{id}"},
      {"fixed32 id = 1;", "/users/{id}"},
      {"sint32 user_id = 1;", "/users/{user_id}"},
      {"string userId = 1;", "/users/{userId}"},
      {"string name = 3; string user_id = 2; string id = 1;", "/users/{id}"},
      {"string name = 3; string user_id = 2;", "/users/{user_id}"},
      {"string account_id = 1; string name = 2;", "/{name=users/*}"},
      {"int32 name = 1;", "/users/{name}"},
      {"oneof key { string id = 1; string name = 2; }", "/users/{id}"},
      {"bytes id = 1; string user_id = 2;", "/users/{user_id}"},
      {"repeated string id = 1; string name = 2;", "/{name=users/*}"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(RestOfNames(c.fields, {"GetUser", "DeleteUser"}),
                ElementsAre("GET " + c.path, "DELETE " + c.path))
        << c.fields;
  }
}

TEST(RestRoutes, WithoutAKeyThatAPathCanHoldThereIsNone) {
  for (const char* fields :
       {"", "repeated string id = 1;", "bytes id = 1;", "double id = 1;", "bool id = 1;",
        "map<string, string> name = 1;", "Empty id = 1;", "google.protobuf.StringValue name = 1;",
        "string account_id = 1;", "repeated string user_ids = 1;", "string ID = 1;"}) {
    EXPECT_THAT(RestOfNames(fields, {"GetUser", "DeleteUser", "UpdateUser"}), IsEmpty()) << fields;
  }
}

TEST(RestRoutes, AnUpdateMayHaveItsKeyInTheResource) {
  struct {
    std::string user, request, path;
  } const kCases[] = {
      {"string id = 1;", "User user = 1;", "/users/{user.id}"},
      {"int64 user_id = 1;", "User user = 1;", "/users/{user.user_id}"},
      {"string name = 1;", "User user = 1;", "/{user.name=users/*}"},
      {"string id = 1;", "User user = 1; string name = 2;", "/{name=users/*}"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(RestOf("message User {" + c.user + "} message M {" + c.request + "}",
                       "rpc UpdateUser(M) returns (Empty);"),
                ElementsAre("PUT " + c.path + " body user", "PATCH " + c.path + " body user"))
        << c.user << c.request;
  }
  EXPECT_THAT(RestOf("message User { string id = 1; } message M { repeated User user = 1; }",
                     "rpc UpdateUser(M) returns (Empty); rpc GetUser(M) returns (Empty);"),
              IsEmpty());
}

TEST(RestRoutes, TheBodyIsTheResourceOrAll) {
  struct {
    std::string fields, body;
  } const kCases[] = {
      {"string id = 1; T user_group = 2;", "user_group"},
      {"string id = 1; T userGroup = 2;", "userGroup"},
      {"string id = 1; string user_group = 2;", "*"},
      {"string id = 1; repeated T user_group = 2;", "*"},
      {"string id = 1; map<string, T> user_group = 2;", "*"},
      {"string id = 1; T group = 2;", "*"},
      {"string id = 1;", "*"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(
        RestOf("message T {} message M { " + c.fields + "}",
               "rpc CreateUserGroup(M) returns (T); rpc UpdateUserGroup(M) returns (T);"),
        ElementsAre("POST /userGroups body " + c.body, "PUT /userGroups/{id} body " + c.body,
                    "PATCH /userGroups/{id} body " + c.body))
        << c.fields;
  }
}

TEST(RestRoutes, CollectionsAreRegularPluralsInLowerCamelCase) {
  const std::pair<const char*, const char*> kCases[] = {
      {"User", "users"},
      {"BillingAccount", "billingAccounts"},
      {"Category", "categories"},
      {"Key", "keys"},
      {"Status", "statuses"},
      {"Box", "boxes"},
      {"Branch", "branches"},
      {"Dish", "dishes"},
      {"Waltz", "waltzes"},
      {"APIKey", "apiKeys"},
      {"SKU", "skus"},
      {"UserID", "userIds"},
      {"V2Thing", "v2Things"},
      {"Y", "ys"},
      {"DNS", "dnses"},
      {"Policy2", "policy2s"},
  };
  for (const auto& [resource, collection] : kCases) {
    EXPECT_THAT(RestOfNames("string id = 1;", {fmt::format("Get{}", resource)}),
                ElementsAre(fmt::format("GET /{}/{{id}}", collection)));
  }
}

TEST(RestRoutes, AServicesOwnPluralWins) {
  struct {
    std::string resource, list, collection;
  } const kCases[] = {
      {"User", "Users", "users"},
      {"BillingAccount", "BillingAccounts", "billingAccounts"},
      {"SKU", "SKUs", "skus"},
      {"Hero", "Heroes", "heroes"},
      {"Analysis", "Analyses", "analyses"},
      {"Leaf", "Leaves", "leaves"},
      {"Index", "Indices", "indices"},
      {"Criterion", "Criteria", "criteria"},
      {"News", "News", "news"},
      {"User", "User", "user"},
      {"Quiz", "Quizzes", "quizzes"},
      {"Child", "Children", "children"},
      {"Datum", "Data", "data"},
      {"Monkey", "Monkies", "monkeys"},
  };
  for (const auto& c : kCases) {
    const auto rest = RestOfNames("string id = 1;", {"Get" + c.resource, "Create" + c.resource,
                                                     "List" + c.list, "ListOther"});
    EXPECT_EQ(rest.at(0), "GET /" + c.collection + "/{id}");
    EXPECT_EQ(rest.at(1), "POST /" + c.collection + " body *");
  }
}

TEST(RestRoutes, APluralOfAnotherStemIsNotFound) {
  EXPECT_THAT(RestOfNames("string id = 1;", {"GetPerson", "ListPeople"}),
              ElementsAre("GET /persons/{id}", "GET /people"));
}

TEST(RestRoutes, OtherNamesAreNoStandardMethods) {
  EXPECT_THAT(
      RestOfNames("string id = 1;",
                  {"Get", "Getter", "List", "Listing", "Create", "Updates", "DeleteALL_Users",
                   "get_user", "GetUser_Info", "BatchGetUsers", "ResetPassword", "Fetch"}),
      IsEmpty());
}

TEST(RestRoutes, StreamsAreNot) {
  EXPECT_THAT(RestOf("message M { string id = 1; }",
                     "rpc GetUser(stream M) returns (M); rpc ListMice(M) returns (stream M);"
                     "rpc UpdateUser(stream M) returns (stream M); rpc DeleteUser(M) returns (M);"),
              ElementsAre("DELETE /users/{id}"));
}

std::vector<std::string> Routes(const std::string& messages, const std::string& methods) {
  const auto set = Service(messages, methods);
  const auto routes = CompileRoutes(*set, {{}, AutoRoutes::kRest});
  if (!routes) return routes.error();
  std::vector<std::string> described;
  for (const Route& route : *routes) described.push_back(route.Describe());
  return described;
}

TEST(CompileRoutes, RestHasTheRpcRoutesToo) {
  EXPECT_THAT(Routes("message M { string id = 1; }",
                     "rpc GetUser(M) returns (M); rpc ResetPassword(M) returns (M);"
                     "rpc WatchUser(M) returns (stream M);"),
              ElementsAre("t.S.GetUser (GET /users/{id}, automatic)",
                          "t.S.GetUser (POST /t.S/GetUser, automatic)",
                          "t.S.ResetPassword (POST /t.S/ResetPassword, automatic)",
                          "t.S.WatchUser (POST /t.S/WatchUser, automatic)"));
}

TEST(CompileRoutes, AnAnnotatedMethodIsNotInferred) {
  EXPECT_THAT(
      Routes("message M { string id = 1; }",
             R"(rpc GetUser(M) returns (M) {
                          option (google.api.http) = {get: "/v1/u/{id}"}; })"),
      ElementsAre("t.S.GetUser (GET /v1/u/{id})", "t.S.GetUser (POST /t.S/GetUser, automatic)"));
}

// Rule 13: duplicate routes, with another method's automatic route as well.
TEST(CompileRoutes, AnInferredRouteThatAnotherMethodHasIsAProblem) {
  const std::string message = "message M { string id = 1; string name = 2; }";
  EXPECT_THAT(Routes(message, R"(rpc GetUser(M) returns (M);
                                 rpc Find(M) returns (M) {
                                   option (google.api.http) = {get: "/users/{name}"}; })"),
              ElementsAre(AllOf(HasSubstr("t.S.GetUser (GET /users/{id}, automatic)"),
                                HasSubstr("t.S.Find (GET /users/{name})"))));
  EXPECT_THAT(Routes(message + "message N { string name = 1; }",
                     "rpc GetUser(M) returns (M); rpc Other(M) returns (M); } service S2 { "
                     "rpc GetUser(N) returns (N);"),
              ElementsAre(AllOf(HasSubstr("t.S.GetUser (GET /users/{id}, automatic)"),
                                HasSubstr("t.S2.GetUser (GET /{name=users/*}, automatic)"))));
}

TEST(RestRoutes, AServiceOfThousandsOfMethodsTakesNoTime) {
  std::string methods;
  for (int i = 0; i < 5000; ++i) {
    methods += fmt::format("rpc GetThing{0}(M) returns (M); rpc ListThing{0}s(M) returns (M);", i);
  }
  EXPECT_EQ(RestOf("message M { string id = 1; }", methods).size(), 10000u);
}

}  // namespace
}  // namespace puente
