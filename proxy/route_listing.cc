#include "proxy/route_listing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "proxy/destination.h"
#include "transcoder/json_text.h"

namespace puente {
namespace {

constexpr std::string_view kAnyMethod = "*";

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

void AppendString(std::string_view key, std::string_view value, std::string& out) {
  AppendJsonString(key, out);
  out += ": ";
  AppendJsonString(value, out);
  out += ", ";
}

void AppendRoute(const Route& route, std::string& out) {
  out += '{';
  AppendString("httpMethod", route.http_method, out);
  AppendString("path", route.path.text, out);
  AppendString("service", route.method->service()->full_name(), out);
  AppendString("method", route.method->name(), out);
  AppendString("kind", CallKind(*route.method), out);
  if (route.body != Route::Body::kNone) AppendString("body", BodyOf(route), out);
  if (route.response_field != nullptr) {
    AppendString("responseBody", route.response_field->name(), out);
  }
  fmt::format_to(std::back_inserter(out), "\"automatic\": {}}}", route.automatic);
}

// A route for paths whatever they are.
struct PrefixRow {
  std::string prefix;
  std::string path;  // "/legacy/**"
  std::vector<std::string> upstreams;
};

std::vector<PrefixRow> PrefixRows(const config::Config& config) {
  std::vector<PrefixRow> rows;
  for (const config::Route& route : config.routes()) {
    const std::string& prefix = route.match().path_prefix();
    if (prefix.empty() || !HasHttpBackend(config, route)) continue;
    rows.push_back({prefix, PrefixLabel(prefix), BackendNames(route)});
  }
  return rows;
}

void AppendPrefix(const PrefixRow& row, std::string& out) {
  out += '{';
  AppendString("httpMethod", kAnyMethod, out);
  AppendString("path", row.path, out);
  AppendString("pathPrefix", row.prefix, out);
  out += "\"upstreams\": [";
  std::string_view separator;
  for (const std::string& upstream : row.upstreams) {
    out += separator;
    AppendJsonString(upstream, out);
    separator = ", ";
  }
  out += "], \"automatic\": false}";
}

}  // namespace

std::string_view CallKind(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming())
    return method.server_streaming() ? "bidirectional" : "client stream";
  return method.server_streaming() ? "server stream" : "unary";
}

std::string RoutesAsText(const RouteTable& table, const config::Config& config) {
  const std::vector<PrefixRow> prefixes = PrefixRows(config);
  std::size_t method_width = 0;
  std::size_t path_width = 0;
  for (const Route& route : table.routes()) {
    method_width = std::max(method_width, route.http_method.size());
    path_width = std::max(path_width, route.path.text.size());
  }
  for (const PrefixRow& row : prefixes) path_width = std::max(path_width, row.path.size());
  std::string text;
  for (const Route& route : table.routes()) {
    fmt::format_to(std::back_inserter(text), "{:<{}}  {:<{}}  {}.{}  {}", route.http_method,
                   method_width, route.path.text, path_width, route.method->service()->full_name(),
                   route.method->name(), CallKind(*route.method));
    if (route.body != Route::Body::kNone)
      fmt::format_to(std::back_inserter(text), ", body {}", BodyOf(route));
    text += '\n';
  }
  for (const PrefixRow& row : prefixes) {
    fmt::format_to(std::back_inserter(text), "{:<{}}  {:<{}}  -> {}\n", kAnyMethod, method_width,
                   row.path, path_width, fmt::join(row.upstreams, ", "));
  }
  return text;
}

std::string RoutesAsJson(const RouteTable& table, const config::Config& config) {
  std::string json = "{\"routes\": [";
  std::string_view separator = "\n  ";
  for (const Route& route : table.routes()) {
    json += separator;
    AppendRoute(route, json);
    separator = ",\n  ";
  }
  for (const PrefixRow& row : PrefixRows(config)) {
    json += separator;
    AppendPrefix(row, json);
    separator = ",\n  ";
  }
  json += "\n]}\n";
  return json;
}

}  // namespace puente
