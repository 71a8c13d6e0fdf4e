#include "proxy/route_listing.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <iterator>

namespace puente {
namespace {

std::string_view KindOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming())
    return method.server_streaming() ? "bidirectional" : "client stream";
  return method.server_streaming() ? "server stream" : "unary";
}

std::string BodyOf(const Route& route) {
  switch (route.body) {
    case Route::Body::kNone:
      return "";
    case Route::Body::kMessage:
      return "*";
    case Route::Body::kField:
      return route.body_field->name();
  }
  return "";
}

google::protobuf::Value StringValue(std::string_view text) {
  google::protobuf::Value value;
  value.set_string_value(std::string(text));
  return value;
}

google::protobuf::Struct AsStruct(const Route& route) {
  google::protobuf::Struct object;
  auto& fields = *object.mutable_fields();
  fields["httpMethod"] = StringValue(route.http_method);
  fields["path"] = StringValue(route.path.text);
  fields["service"] = StringValue(route.method->service()->full_name());
  fields["method"] = StringValue(route.method->name());
  fields["kind"] = StringValue(KindOf(*route.method));
  if (route.body != Route::Body::kNone) fields["body"] = StringValue(BodyOf(route));
  if (route.response_field != nullptr)
    fields["responseBody"] = StringValue(route.response_field->name());
  fields["automatic"].set_bool_value(route.automatic);
  return object;
}

}  // namespace

std::string RoutesAsText(const RouteTable& table) {
  std::size_t method_width = 0;
  std::size_t path_width = 0;
  for (const Route& route : table.routes()) {
    method_width = std::max(method_width, route.http_method.size());
    path_width = std::max(path_width, route.path.text.size());
  }
  std::string text;
  for (const Route& route : table.routes()) {
    fmt::format_to(std::back_inserter(text), "{:<{}}  {:<{}}  {}.{}  {}", route.http_method,
                   method_width, route.path.text, path_width, route.method->service()->full_name(),
                   route.method->name(), KindOf(*route.method));
    if (route.body != Route::Body::kNone)
      fmt::format_to(std::back_inserter(text), ", body {}", BodyOf(route));
    text += '\n';
  }
  return text;
}

std::string RoutesAsJson(const RouteTable& table) {
  google::protobuf::Struct object;
  auto& list = *(*object.mutable_fields())["routes"].mutable_list_value();
  for (const Route& route : table.routes())
    *list.add_values()->mutable_struct_value() = AsStruct(route);
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  google::protobuf::util::MessageToJsonString(object, &json, options);
  return json;
}

}  // namespace puente
