#include "transcoder/route.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "google/api/http.pb.h"
#include "tests/testdata/compile_protos.h"

namespace puente {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::LoadProto;
using ::testing::StartsWith;

std::string Source(const std::string& methods) {
  return R"(
    syntax = "proto3"; package t;
    import "google/api/annotations.proto";
    import "google/api/httpbody.proto";
    import "google/protobuf/any.proto";
    import "google/protobuf/duration.proto";
    import "google/protobuf/field_mask.proto";
    import "google/protobuf/struct.proto";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    enum Kind { NONE = 0; }
    message Part { string name = 1; google.protobuf.Timestamp at = 2; }
    message M {
      string id = 1; int64 number = 2; Kind kind = 3; bytes data = 4; double ratio = 5;
      Part part = 6; repeated string tags = 7; repeated Part parts = 8;
      map<string, string> labels = 9;
      google.protobuf.Timestamp at = 10; google.protobuf.Duration length = 11;
      google.protobuf.FieldMask mask = 12; google.protobuf.StringValue wrapped = 13;
      google.protobuf.BoolValue yes = 14; google.protobuf.Struct object = 15;
      google.protobuf.Any any = 16; google.protobuf.Value value = 17;
      oneof choice { string left = 18; string right = 19; Part middle = 20; }
      google.api.HttpBody file = 21; repeated google.api.HttpBody files = 22;
      optional string maybe = 23; google.protobuf.ListValue list = 24;
      optional string perhaps = 25;
    }
    service S { )" +
         methods + " }";
}

std::string Method(const std::string& rule, const std::string& name = "Do") {
  return "rpc " + name + "(M) returns (M) { option (google.api.http) = {" + rule + "}; }";
}

// What becomes of a service without automatic routes.
struct Compiled {
  explicit Compiled(const std::string& methods, AutoRoutes auto_routes = AutoRoutes::kOff,
                    std::vector<std::string> services = {})
      : set(LoadProto(Source(methods))),
        routes(CompileRoutes(*set, RouteOptions{std::move(services), auto_routes})) {}

  std::vector<std::string> Described() const {
    if (!routes) return routes.error();
    std::vector<std::string> described;
    for (const Route& route : *routes) described.push_back(route.Describe());
    return described;
  }
  Problems problems() const { return routes ? Problems{} : routes.error(); }

  std::shared_ptr<const DescriptorSet> set;
  Loaded<std::vector<Route>> routes;
};

TEST(CompileRoutes, FillsInARoute) {
  const Compiled compiled(
      Method(R"(patch: "/v1/{id}/{part.name}" body: "part" response_body: "tags")"));
  ASSERT_TRUE(compiled.routes) << ::testing::PrintToString(compiled.problems());
  const Route& route = compiled.routes->at(0);
  EXPECT_EQ(route.method->full_name(), "t.S.Do");
  EXPECT_EQ(route.http_method, "PATCH");
  EXPECT_EQ(route.path.text, "/v1/{id}/{part.name}");
  ASSERT_EQ(route.variables.size(), 2u);
  EXPECT_EQ(ToString(route.variables[0]), "id");
  EXPECT_EQ(ToString(route.variables[1]), "part.name");
  EXPECT_EQ(route.body, Route::Body::kField);
  EXPECT_EQ(route.body_field->name(), "part");
  EXPECT_EQ(route.response_field->name(), "tags");
  EXPECT_EQ(route.grpc_path, "/t.S/Do");
  EXPECT_FALSE(route.automatic);
  EXPECT_FALSE(route.request_is_http_body);
  EXPECT_FALSE(route.response_is_http_body);
  EXPECT_EQ(route.Describe(), "t.S.Do (PATCH /v1/{id}/{part.name})");
}

TEST(CompileRoutes, KnowsTheThreeKindsOfBody) {
  const Compiled compiled(Method(R"(post: "/a" additional_bindings {post: "/b" body: "*"}
                                    additional_bindings {post: "/c" body: "tags"})"));
  ASSERT_TRUE(compiled.routes);
  EXPECT_EQ(compiled.routes->at(0).body, Route::Body::kNone);
  EXPECT_EQ(compiled.routes->at(1).body, Route::Body::kMessage);
  EXPECT_EQ(compiled.routes->at(2).body, Route::Body::kField);
  EXPECT_EQ(compiled.routes->at(2).body_field->name(), "tags");
}

TEST(CompileRoutes, SeesWhereTheBodyIsAnHttpBody) {
  struct {
    std::string method;
    bool request, response;
  } const kCases[] = {
      {"rpc Do(google.api.HttpBody) returns (M) { option (google.api.http) = "
       "{post: \"/a\" body: \"*\"}; }",
       true, false},
      {"rpc Do(google.api.HttpBody) returns (google.api.HttpBody) { option (google.api.http) = "
       "{get: \"/a\"}; }",
       false, true},
      {Method(R"(post: "/a" body: "file" response_body: "file")"), true, true},
      {Method(R"(post: "/a" body: "files" response_body: "files")"), false, false},
      {"rpc Do(M) returns (google.api.HttpBody) { option (google.api.http) = "
       "{get: \"/a\" response_body: \"data\"}; }",
       false, false},
  };
  for (const auto& c : kCases) {
    const Compiled compiled(c.method);
    ASSERT_TRUE(compiled.routes) << c.method;
    EXPECT_EQ(compiled.routes->at(0).request_is_http_body, c.request) << c.method;
    EXPECT_EQ(compiled.routes->at(0).response_is_http_body, c.response) << c.method;
  }
}

TEST(CompileRoutes, AcceptsWhatIsSound) {
  const char* const kRules[] = {
      R"(get: "/{number}/{kind}/{data}/{ratio}/{maybe}")",
      R"(get: "/{at}/{length}/{mask}/{wrapped}/{yes}/{part.at}")",
      R"(get: "/{left}")",
      R"(get: "/{middle.name}/{middle.at}")",
      R"(get: "/{maybe}/{perhaps}")",
      R"(post: "/{middle.name}" body: "middle")",
      R"(post: "/{maybe}" body: "perhaps")",
      R"(get: "/{part.name}/{id}")",
      R"(delete: "/{id}" body: "*")",
      R"(get: "/a" body: "part")",
      R"(post: "/a" body: "labels" response_body: "labels")",
      R"(post: "/a" body: "object" response_body: "value")",
      R"(custom: {kind: "SEARCH" path: "/a"})",
      R"(custom: {kind: "M-SEARCH" path: "/a"})",
      R"(custom: {kind: "*" path: "/a"})",
  };
  for (const char* rule : kRules) {
    EXPECT_THAT(Compiled(Method(rule)).problems(), IsEmpty()) << rule;
  }
}

TEST(CompileRoutes, AMethodIsKeptAsItIsWritten) {
  EXPECT_EQ(Compiled(Method(R"(custom: {kind: "Purge" path: "/a"})")).routes->at(0).http_method,
            "Purge");
}

// Rule 13: load-time validation; the problem names the method and the template.
TEST(CompileRoutes, RefusesWhatIsNot) {
  struct {
    std::string rule, template_text, reason;
  } const kCases[] = {
      {R"(get: "v1/a")", "v1/a", "column 1: expected '/'"},
      {R"(get: "/v1/{id")", "/v1/{id", "column 8: expected"},
      {R"(get: "")", "GET", "column 1: expected '/'"},
      {R"(get: "/{nope}")", "/{nope}", "path variable 'nope': t.M has no field 'nope'"},
      {R"(get: "/{part.nope}")", "/{part.nope}", "t.Part has no field 'nope'"},
      {R"(get: "/{part}")", "/{part}", "path variable 'part' is of message type"},
      {R"(get: "/{object}")", "/{object}", "is of message type"},
      {R"(get: "/{any}")", "/{any}", "is of message type"},
      {R"(get: "/{value}")", "/{value}", "is of message type"},
      {R"(get: "/{list}")", "/{list}", "is of message type"},
      {R"(get: "/{file}")", "/{file}", "is of message type"},
      {R"(get: "/{labels}")", "/{labels}", "path variable 'labels' is of map type"},
      {R"(get: "/{tags}")", "/{tags}", "path variable 'tags' is of repeated type"},
      {R"(get: "/{parts}")", "/{parts}", "is of repeated type"},
      {R"(get: "/{parts.name}")", "/{parts.name}", "field 'parts' of t.M is repeated"},
      {R"(get: "/{wrapped.value}")", "/{wrapped.value}",
       "path variable 'wrapped.value' is inside of 'wrapped': the type has no fields in JSON"},
      {R"(put: "/{yes.value}" body: "*")", "/{yes.value}", "no fields in JSON"},
      {R"(put: "/{at.seconds}" body: "*")", "/{at.seconds}", "no fields in JSON"},
      {R"(put: "/{part.at.nanos}" body: "*")", "/{part.at.nanos}", "is inside of 'part.at'"},
      {R"(put: "/{length.seconds}" body: "length")", "/{length.seconds}", "no fields in JSON"},
      {R"(get: "/{any.type_url}")", "/{any.type_url}", "no fields in JSON"},
      {R"(get: "/{value.string_value}")", "/{value.string_value}", "no fields in JSON"},
      {R"(get: "/{value.list_value.values}")", "/{value.list_value.values}", "is of repeated type"},
      {R"(get: "/{object.fields}")", "/{object.fields}", "is of map type"},
      {R"(get: "/{list.values}")", "/{list.values}", "is of repeated type"},
      {R"(get: "/{part.name}/{part.name}")", "/{part.name}/{part.name}", "a second time"},
      {R"(get: "/{left}/{right}")", "/{left}/{right}",
       "two members of oneof 'choice': 'left' and 'right'"},
      {R"(get: "/{left}/{middle.name}")", "/{left}/{middle.name}", "two members of oneof"},
      {R"(post: "/{left}" body: "right")", "/{left}",
       "path variable 'left' and body 'right' set two members of oneof 'choice'"},
      {R"(post: "/{middle.name}" body: "left")", "/{middle.name}",
       "path variable 'middle.name' and body 'left' set two members of oneof 'choice'"},
      {R"(post: "/a" body: "nope")", "/a", "body 'nope': t.M has no such field"},
      {R"(post: "/a" body: "part.name")", "/a", "body 'part.name' is not a top-level field"},
      {R"(get: "/a" response_body: "nope")", "/a", "response_body 'nope': t.M has no such field"},
      {R"(get: "/a" response_body: "part.name")", "/a", "is not a top-level field"},
      {R"(get: "/a" response_body: "*")", "/a", "response_body '*': t.M has no such field"},
      {R"(custom: {kind: "" path: "/a"})", "/a", "an empty kind"},
      {R"(custom: {kind: "A B" path: "/a"})", "/a", "no HTTP method"},
      {R"(custom: {kind: "GET\r\n" path: "/a"})", "/a", "no HTTP method"},
      {R"(custom: {kind: "TRACE" path: "/a"})", "/a", "TRACE requests are always answered 405"},
      {R"(custom: {kind: "CONNECT" path: "/a"})", "/a", "CONNECT requests are always answered 405"},
      {R"(custom: {})", "HTTP rule 0", "no pattern"},
      {R"(body: "*")", "HTTP rule 0", "no pattern"},
      {R"(get: "/b" additional_bindings {body: "*"})", "HTTP rule 1", "no pattern"},
      {R"(get: "/b" additional_bindings {get: "/a" additional_bindings {get: "/c"}})", "GET /a",
       "additional_bindings cannot be nested"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(
        Compiled(Method(c.rule)).problems(),
        ElementsAre(AllOf(StartsWith("t.S.Do ("), HasSubstr(c.template_text), HasSubstr(c.reason))))
        << c.rule;
  }
}

// Rule 1: the body's JSON has no member that such a variable could win over.
TEST(CompileRoutes, ARequestThatIsAWellKnownTypeHasVariablesOnlyWithoutABody) {
  const auto problems = [](const std::string& rule) {
    return Compiled(
               "rpc Do(google.protobuf.Int64Value) returns (M) { option (google.api.http) = {" +
               rule + "}; }")
        .problems();
  };
  EXPECT_THAT(problems(R"(get: "/{value}")"), IsEmpty());
  EXPECT_THAT(problems(R"(put: "/{value}" body: "*")"),
              ElementsAre(AllOf(HasSubstr("'value'"), HasSubstr("has no fields in JSON"))));
}

TEST(CompileRoutes, AWrapperOfAnotherShapeIsAMessage) {
  DescriptorSetBuilder builder;
  auto set = testing::CompileProtos({{"api.proto", Source(Method(R"(get: "/{wrapped}")"))}});
  for (auto& file : *set.mutable_file()) {
    for (auto& message : *file.mutable_message_type()) {
      if (message.name() == "StringValue") message.mutable_field(0)->set_number(2);
    }
  }
  EXPECT_THAT(builder.AddBytes("api.pb", set.SerializeAsString()), IsEmpty());
  const auto built = std::move(builder).Build();
  ASSERT_TRUE(built);
  EXPECT_THAT(CompileRoutes(**built, {{}, AutoRoutes::kOff}).error(),
              ElementsAre(HasSubstr("path variable 'wrapped' is of message type")));
}

TEST(CompileRoutes, AnnotationsNameFieldsByTheirProtoNames) {
  const auto set = LoadProto(R"(
    syntax = "proto3"; package t; import "google/api/annotations.proto";
    message Part { string a = 1 [json_name = "b"]; string b = 2 [json_name = "c"]; }
    message M { Part a = 1 [json_name = "b"]; Part b = 2 [json_name = "c"]; string theId = 3; }
    service S { rpc Do(M) returns (M) {
      option (google.api.http) = {post: "/{b.b}" body: "b" response_body: "b"
        additional_bindings {post: "/x/{c.c}" body: "c" response_body: "c"}}; } })");
  const auto routes = CompileRoutes(*set, {{}, AutoRoutes::kOff});
  ASSERT_TRUE(routes);
  for (const Route& route : *routes) {
    EXPECT_EQ(ToString(route.variables.at(0)), "b.b") << route.path.text;
    EXPECT_EQ(route.body_field->name(), "b") << route.path.text;
    EXPECT_EQ(route.response_field->name(), "b") << route.path.text;
  }
}

Problems ProblemsOfProto2(const std::string& messages, const std::string& method) {
  const auto set = LoadProto(R"(
    syntax = "proto2"; package t; import "google/api/annotations.proto";)" +
                             messages + "service S { rpc " + method + "; }");
  const auto routes = CompileRoutes(*set, {});
  return routes ? Problems{} : routes.error();
}

TEST(CompileRoutes, AVariableInsideOfAGroupIsAProblem) {
  const std::string messages = R"(
    message M { optional group Result = 1 { optional string id = 2; optional Part part = 4; }
                optional Part part = 3; }
    message Part { optional group Inner = 1 { optional string id = 1; } optional string id = 2; })";
  const auto problems = [&](const std::string& path) {
    return ProblemsOfProto2(
        messages, "Do(M) returns (M) { option (google.api.http) = {get: \"" + path + "\"}; }");
  };
  for (const char* path : {"/{result.id}", "/{result.part.id}", "/{part.inner.id}"}) {
    EXPECT_THAT(problems(path), ElementsAre(AllOf(HasSubstr(path), HasSubstr("inside of a group"))))
        << path;
  }
  EXPECT_THAT(problems("/{result}"), ElementsAre(HasSubstr("is of message type")));
  EXPECT_THAT(problems("/{part.id}"), IsEmpty());
}

TEST(CompileRoutes, FieldsThatShareAJsonNameAreAProblemOfTheMethodsThatUseThem) {
  const std::string messages = R"(
    message Clash { optional string foo_bar = 1; optional Clash again = 2;
                    optional string fooBar = 3; }
    message Deep { repeated Holder holders = 1; }
    message Holder { map<string, Clash> clashes = 1; optional Deep deep = 2; }
    message Sound { optional string foo_bar = 1; optional string foo_baz = 2; })";
  const auto names_all = AllOf(HasSubstr("t.S.Do"), HasSubstr("t.Clash"), HasSubstr("'foo_bar'"),
                               HasSubstr("'fooBar'"));
  EXPECT_THAT(ProblemsOfProto2(messages, "Do(Sound) returns (Clash)"), ElementsAre(names_all));
  EXPECT_THAT(ProblemsOfProto2(messages, "Do(Clash) returns (Clash)"), ElementsAre(names_all));
  EXPECT_THAT(ProblemsOfProto2(messages, "Do(Deep) returns (Sound)"), ElementsAre(names_all));
  EXPECT_THAT(ProblemsOfProto2(messages, "Do(Sound) returns (Sound)"), IsEmpty());
}

// Rule 6: what was answered can be sent back.
TEST(CompileRoutes, AJsonNameThatIsAnothersProtoNameIsAProblemWherePrintingKeepsProtoNames) {
  const auto set = LoadProto(R"(
    syntax = "proto3"; package t;
    message Moved { string a = 1 [json_name = "b"]; string b = 2 [json_name = "c"]; }
    message M { repeated Moved items = 1; string own = 2 [json_name = "renamed"]; }
    service S { rpc Do(M) returns (M); })");
  RouteOptions options;
  EXPECT_TRUE(CompileRoutes(*set, options));
  options.preserve_proto_field_names = true;
  const auto routes = CompileRoutes(*set, options);
  ASSERT_FALSE(routes);
  EXPECT_THAT(routes.error(),
              ElementsAre(AllOf(HasSubstr("t.S.Do uses t.Moved"), HasSubstr("field 'a'"),
                                HasSubstr("'b' of an answer"))));
}

TEST(CompileRoutes, AChainOfMessageTypesCostsNoStack) {
  std::string messages = "message M0 { optional int32 a_b = 1; optional int32 aB = 2; }";
  for (int i = 1; i < 20000; ++i) {
    messages += fmt::format("message M{} {{ optional M{} m = 1; }}", i, i - 1);
  }
  EXPECT_THAT(ProblemsOfProto2(messages, "Do(M19999) returns (M19999)"),
              ElementsAre(HasSubstr("t.M0")));
}

TEST(CompileRoutes, AFieldUnderBothOfItsNamesIsOneField) {
  const auto set = LoadProto(R"(
    syntax = "proto3"; package t; import "google/api/annotations.proto";
    message M { string the_id = 1; }
    service S { rpc Do(M) returns (M) {
      option (google.api.http) = {get: "/{the_id}/{theId}"}; } })");
  EXPECT_THAT(CompileRoutes(*set, {{}, AutoRoutes::kOff}).error(),
              ElementsAre(HasSubstr("set the same field")));
}

TEST(CompileRoutes, ReportsAllProblemsOfAllBindingsAtOnce) {
  const Compiled compiled(Method(R"(get: "/{nope}/{tags}" body: "x" response_body: "y"
                additional_bindings {get: "a"})",
                                 "First") +
                          Method(R"(get: "/{part}")", "Second") +
                          Method(R"(get: "/same")", "Third") + Method(R"(get: "/same")", "Fourth"));
  EXPECT_THAT(
      compiled.problems(),
      ElementsAre(HasSubstr("'nope'"), HasSubstr("'tags'"), HasSubstr("body 'x'"),
                  HasSubstr("response_body 'y'"), HasSubstr("t.S.First (GET a)"),
                  HasSubstr("t.S.Second"), AllOf(HasSubstr("t.S.Third"), HasSubstr("t.S.Fourth"))));
}

TEST(CompileRoutes, EveryMethodHasAnAutomaticRoute) {
  const Compiled compiled(Method(R"(get: "/v1/{id}")", "Get") +
                              "rpc Plain(M) returns (M); rpc Up(stream M) returns (M);"
                              "rpc Down(M) returns (stream M);"
                              "rpc Both(stream M) returns (stream M);",
                          AutoRoutes::kRpc);
  EXPECT_THAT(
      compiled.Described(),
      ElementsAre("t.S.Get (GET /v1/{id})", "t.S.Get (POST /t.S/Get, automatic)",
                  "t.S.Plain (POST /t.S/Plain, automatic)", "t.S.Up (POST /t.S/Up, automatic)",
                  "t.S.Down (POST /t.S/Down, automatic)", "t.S.Both (POST /t.S/Both, automatic)"));
  const Route& automatic = compiled.routes->at(2);
  EXPECT_TRUE(automatic.automatic);
  EXPECT_EQ(automatic.body, Route::Body::kMessage);
}

TEST(CompileRoutes, AnAnnotationThatIsTheAutomaticRouteReplacesIt) {
  EXPECT_THAT(Compiled(Method(R"(post: "/t.S/Do" body: "part")"), AutoRoutes::kRpc).Described(),
              ElementsAre("t.S.Do (POST /t.S/Do)"));
  EXPECT_THAT(
      Compiled(Method(R"(custom: {kind: "*" path: "/t.S/Do"})"), AutoRoutes::kRpc).Described(),
      ElementsAre("t.S.Do (* /t.S/Do)"));
  EXPECT_THAT(Compiled(Method(R"(get: "/t.S/Do")"), AutoRoutes::kRpc).Described(),
              ElementsAre("t.S.Do (GET /t.S/Do)", "t.S.Do (POST /t.S/Do, automatic)"));
}

TEST(CompileRoutes, AnAutomaticRouteThatAnotherMethodIsAnnotatedWithIsAProblem) {
  const Compiled compiled(
      Method(R"(post: "/t.S/Two" body: "*")", "One") + "rpc Two(M) returns (M);", AutoRoutes::kRpc);
  EXPECT_THAT(compiled.problems(),
              ElementsAre(AllOf(HasSubstr("t.S.One (POST /t.S/Two)"),
                                HasSubstr("t.S.Two (POST /t.S/Two, automatic)"))));
}

// What stands in a rules file overrides the annotation of the same method wholly.
TEST(CompileRoutes, RulesGoInPlaceOfAnnotations) {
  const auto set = LoadProto(
      Source(Method(R"(get: "/old/{id}" additional_bindings {get: "/old"})", "Annotated") +
             "rpc Plain(M) returns (M);" + Method(R"(get: "/kept")", "Kept")));
  const auto& service = *set->services()[0];
  google::api::HttpRule rule;
  rule.set_post("/new/{id}");
  rule.set_body("part");
  rule.add_additional_bindings()->mutable_custom()->set_kind("SEARCH");
  rule.mutable_additional_bindings(0)->mutable_custom()->set_path("/new");
  google::api::HttpRule broken;
  broken.set_get("/{nope}");
  RouteOptions options{{}, AutoRoutes::kOff};
  options.rules[service.method(0)] = BindingsOfRule(*service.method(0), rule, "rules.yaml:7");
  const auto routes = CompileRoutes(*set, options);
  ASSERT_TRUE(routes);
  std::vector<std::string> described;
  for (const Route& route : *routes) described.push_back(route.Describe());
  EXPECT_THAT(described,
              ElementsAre("t.S.Annotated (POST /new/{id}, rules.yaml:7)",
                          "t.S.Annotated (SEARCH /new, rules.yaml:7)", "t.S.Kept (GET /kept)"));

  options.rules[service.method(1)] = BindingsOfRule(*service.method(1), broken, "rules.yaml:9");
  EXPECT_THAT(CompileRoutes(*set, options).error(),
              ElementsAre(HasSubstr("t.S.Plain (GET /{nope}, rules.yaml:9): path variable")));
}

TEST(CompileRoutes, WithoutAutomaticRoutesOnlyAnnotationsServe) {
  EXPECT_THAT(Compiled("rpc Plain(M) returns (M);").Described(), IsEmpty());
}

TEST(CompileRoutes, ServesTheChosenServices) {
  const std::string two =
      Method(R"(get: "/s")") + "} service Other { " + Method(R"(get: "/other")");
  EXPECT_THAT(Compiled(two, AutoRoutes::kOff, {"t.Other", "t.Other"}).Described(),
              ElementsAre("t.Other.Do (GET /other)"));
  EXPECT_THAT(Compiled(two, AutoRoutes::kOff, {"t.Other", "t.S"}).Described(),
              ElementsAre("t.S.Do (GET /s)", "t.Other.Do (GET /other)"));
  EXPECT_THAT(Compiled(two, AutoRoutes::kOff, {"t.Nope", "S"}).problems(),
              ElementsAre(AllOf(HasSubstr("no service 'S'"), HasSubstr("t.Other, t.S")),
                          HasSubstr("no service 't.Nope'")));
}

// Rule 13: duplicate routes.
TEST(CompileRoutes, FindsDuplicates) {
  struct {
    std::string one, two;
    bool duplicate;
  } const kCases[] = {
      {R"(get: "/v1/{id}")", R"(get: "/v1/{left}")", true},
      {R"(get: "/v1/{id}")", R"(get: "/v1/*")", true},
      {R"(get: "/v1/{id=a/*}")", R"(get: "/v1/a/{left}")", true},
      {R"(get: "/v1/{id=a}")", R"(get: "/v1/a")", true},
      {R"(get: "/v1/{id=**}")", R"(get: "/v1/**")", true},
      {R"(get: "/v1/%61")", R"(get: "/v1/a")", true},
      {R"(get: "/v1/{id}:go")", R"(get: "/v1/{left}:go")", true},
      {R"(get: "/x" additional_bindings {get: "/v1/a"})", R"(get: "/v1/a")", true},
      {R"(get: "/")", R"(get: "/")", true},
      {R"(custom: {kind: "*" path: "/a"})", R"(custom: {kind: "*" path: "/a"})", true},
      {R"(get: "/v1/{id=a/*}")", R"(get: "/v1/{id=b/*}")", false},
      {R"(get: "/v1/{id}")", R"(put: "/v1/{id}")", false},
      {R"(get: "/v1/{id}")", R"(get: "/v1/{id}:go")", false},
      {R"(get: "/v1/{id}:stop")", R"(get: "/v1/{id}:go")", false},
      {R"(get: "/v1/{id}")", R"(get: "/v1/{id=**}")", false},
      {R"(get: "/v1/a")", R"(get: "/v1/{id}")", false},
      {R"(get: "/v1/a")", R"(custom: {kind: "*" path: "/v1/a"})", false},
      {R"(get: "/v1/a")", R"(custom: {kind: "HEAD" path: "/v1/a"})", false},
      {R"(get: "/a/b")", R"(get: "/a%2Fb")", false},
      {R"(get: "/a/*")", R"(get: "/a/%2A")", false},
      {R"(get: "/a:b")", R"(get: "/a%3Ab")", false},
  };
  for (const auto& c : kCases) {
    const Compiled compiled(Method(c.one, "One") + Method(c.two, "Two"));
    if (c.duplicate) {
      EXPECT_THAT(compiled.problems(),
                  ElementsAre(AllOf(HasSubstr("t.S.One ("), HasSubstr("t.S.Two ("))))
          << c.one << " " << c.two;
    } else {
      EXPECT_THAT(compiled.problems(), IsEmpty()) << c.one << " " << c.two;
    }
  }
}

TEST(CompileRoutes, OneMethodWithTheSameBindingTwiceIsAProblem) {
  EXPECT_THAT(Compiled(Method(R"(get: "/a" additional_bindings {get: "/a"})")).problems(),
              ElementsAre(HasSubstr("the same route twice")));
}

}  // namespace
}  // namespace puente
