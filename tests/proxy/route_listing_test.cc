#include "proxy/route_listing.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace puente {
namespace {

constexpr std::string_view kFile = R"(
  name: "shop.proto" package: "shop.v1" syntax: "proto3"
  message_type { name: "Item"
    field { name: "id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL json_name: "id" }
    field { name: "unit_price" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL
            json_name: "unitPrice" } }
  service { name: "Shop"
    method { name: "Get" input_type: ".shop.v1.Item" output_type: ".shop.v1.Item" }
    method { name: "Put" input_type: ".shop.v1.Item" output_type: ".shop.v1.Item" }
    method { name: "Watch" input_type: ".shop.v1.Item" output_type: ".shop.v1.Item"
             server_streaming: true }
    method { name: "Upload" input_type: ".shop.v1.Item" output_type: ".shop.v1.Item"
             client_streaming: true }
    method { name: "Chat" input_type: ".shop.v1.Item" output_type: ".shop.v1.Item"
             client_streaming: true server_streaming: true } })";

class RouteListingTest : public testing::Test {
 protected:
  RouteListingTest() {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(kFile), &file));
    service_ = pool_.BuildFile(file)->service(0);
  }

  Route MakeRoute(std::string http_method, std::string_view path, const std::string& method) const {
    Route route;
    route.http_method = std::move(http_method);
    route.path = PathTemplate::Parse(path).value();
    route.method = service_->FindMethodByName(method);
    for (std::size_t i = 0; i < route.path.variables.size(); ++i) {
      route.variables.push_back({Field("id")});
    }
    return route;
  }

  const google::protobuf::FieldDescriptor* Field(const std::string& name) const {
    return service_->method(0)->input_type()->FindFieldByName(name);
  }

  RouteTable MakeTable() const {
    Route put = MakeRoute("PUT", "/v1/items/{id}/price", "Put");
    put.body = Route::Body::kField;
    put.body_field = put.response_field = Field("unit_price");
    Route upload = MakeRoute("POST", "/shop.v1.Shop/Upload", "Upload");
    upload.body = Route::Body::kMessage;
    upload.automatic = true;
    std::vector<Route> routes;
    routes.push_back(MakeRoute("GET", "/v1/items/{id}", "Get"));
    routes.push_back(std::move(put));
    routes.push_back(MakeRoute("GET", "/v1/items/{id}:watch", "Watch"));
    routes.push_back(std::move(upload));
    routes.push_back(MakeRoute("*", "/v1/chat", "Chat"));
    return RouteTable::Build(std::move(routes)).value();
  }

 private:
  google::protobuf::DescriptorPool pool_;
  const google::protobuf::ServiceDescriptor* service_ = nullptr;
};

TEST_F(RouteListingTest, TextHasOneLinePerRouteInColumns) {
  EXPECT_EQ(RoutesAsText(MakeTable(), {}),
            "GET   /v1/items/{id}        shop.v1.Shop.Get  unary\n"
            "PUT   /v1/items/{id}/price  shop.v1.Shop.Put  unary, body unit_price\n"
            "GET   /v1/items/{id}:watch  shop.v1.Shop.Watch  server stream\n"
            "POST  /shop.v1.Shop/Upload  shop.v1.Shop.Upload  client stream, body *\n"
            "*     /v1/chat              shop.v1.Shop.Chat  bidirectional\n");
}

TEST_F(RouteListingTest, JsonHasEveryRouteInOrder) {
  constexpr std::string_view kExpected = R"({"routes": [
    {"httpMethod": "GET", "path": "/v1/items/{id}", "service": "shop.v1.Shop", "method": "Get",
     "kind": "unary", "automatic": false},
    {"httpMethod": "PUT", "path": "/v1/items/{id}/price", "service": "shop.v1.Shop",
     "method": "Put", "kind": "unary", "body": "unit_price", "responseBody": "unit_price",
     "automatic": false},
    {"httpMethod": "GET", "path": "/v1/items/{id}:watch", "service": "shop.v1.Shop",
     "method": "Watch", "kind": "server stream", "automatic": false},
    {"httpMethod": "POST", "path": "/shop.v1.Shop/Upload", "service": "shop.v1.Shop",
     "method": "Upload", "kind": "client stream", "body": "*", "automatic": true},
    {"httpMethod": "*", "path": "/v1/chat", "service": "shop.v1.Shop", "method": "Chat",
     "kind": "bidirectional", "automatic": false}]})";
  const std::string json = RoutesAsJson(MakeTable(), {});
  google::protobuf::Struct listed;
  google::protobuf::Struct expected;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &listed).ok()) << json;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(std::string(kExpected), &expected).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(listed, expected)) << json;
}

config::Config PrefixConfig() {
  config::Config config;
  for (const char* name : {"legacy", "other"}) {
    config::Upstream& upstream = *config.add_upstreams();
    upstream.set_name(name);
    upstream.mutable_http()->set_url("http://127.0.0.1:1");
  }
  config::Upstream& shop = *config.add_upstreams();
  shop.set_name("shop");
  shop.mutable_grpc()->set_target("127.0.0.1:2");
  const auto add = [&](const char* prefix) {
    config::Route& route = *config.add_routes();
    route.mutable_match()->set_path_prefix(prefix);
    return &route;
  };
  add("/legacy/")->set_upstream("legacy");
  config::Split& split = *add("/v1/items/and/everything/else")->mutable_split();
  for (const char* name : {"shop", "other"}) split.add_backends()->set_upstream(name);
  // Takes nothing that is not in the table.
  add("/v1/")->set_upstream("shop");
  return config;
}

TEST_F(RouteListingTest, RoutesForPathsAreListedToo) {
  EXPECT_EQ(RoutesAsText(MakeTable(), PrefixConfig()),
            "GET   /v1/items/{id}                   shop.v1.Shop.Get  unary\n"
            "PUT   /v1/items/{id}/price             shop.v1.Shop.Put  unary, body unit_price\n"
            "GET   /v1/items/{id}:watch             shop.v1.Shop.Watch  server stream\n"
            "POST  /shop.v1.Shop/Upload             shop.v1.Shop.Upload  client stream, body *\n"
            "*     /v1/chat                         shop.v1.Shop.Chat  bidirectional\n"
            "*     /legacy/**                       -> legacy\n"
            "*     /v1/items/and/everything/else**  -> shop, other\n");
  EXPECT_EQ(RoutesAsText(RouteTable::Build({}).value(), PrefixConfig()),
            "*  /legacy/**                       -> legacy\n"
            "*  /v1/items/and/everything/else**  -> shop, other\n");
}

TEST_F(RouteListingTest, RoutesForPathsAreBehindTheOthersInJson) {
  const std::string json = RoutesAsJson(MakeTable(), PrefixConfig());
  google::protobuf::Struct listed;
  google::protobuf::Struct expected;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &listed).ok()) << json;
  constexpr std::string_view kExpected = R"({"routes": [
    {"httpMethod": "*", "path": "/legacy/**", "pathPrefix": "/legacy/", "upstreams": ["legacy"],
     "automatic": false},
    {"httpMethod": "*", "path": "/v1/items/and/everything/else**",
     "pathPrefix": "/v1/items/and/everything/else", "upstreams": ["shop", "other"],
     "automatic": false}]})";
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(std::string(kExpected), &expected).ok());
  auto& rows = *listed.mutable_fields()->at("routes").mutable_list_value()->mutable_values();
  ASSERT_EQ(rows.size(), 7);
  rows.DeleteSubrange(0, 5);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(listed, expected)) << json;
}

TEST_F(RouteListingTest, AnEmptyTableIsListedAsEmpty) {
  const RouteTable empty = RouteTable::Build({}).value();
  EXPECT_EQ(RoutesAsText(empty, {}), "");
  google::protobuf::Struct listed;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(RoutesAsJson(empty, {}), &listed).ok());
  EXPECT_TRUE(listed.fields().at("routes").has_list_value());
  EXPECT_EQ(listed.fields().at("routes").list_value().values_size(), 0);
}

}  // namespace
}  // namespace puente
