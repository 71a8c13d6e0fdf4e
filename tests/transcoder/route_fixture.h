// Routes and tables for tests, from "GET /v1/{id}" and without a hand-written proto file.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tests/testdata/compile_protos.h"
#include "transcoder/route.h"
#include "transcoder/route_table.h"

namespace puente::testing {

inline const google::protobuf::MethodDescriptor& AnyMethod() {
  static const auto set = LoadProto(R"(
    syntax = "proto3"; package t; message M {} service S { rpc Do(M) returns (M); })");
  return *set->services()[0]->method(0);
}

// Their variables name no fields, which the route table does not look at.
inline Route MakeRoute(std::string_view text) {
  const std::size_t space = text.find(' ');
  auto path = PathTemplate::Parse(text.substr(space + 1));
  EXPECT_TRUE(path) << text << ": " << path.error();
  Route route;
  route.method = &AnyMethod();
  route.http_method = text.substr(0, space);
  if (path) route.path = std::move(*path);
  return route;
}

inline std::vector<Route> MakeRoutes(const std::vector<std::string>& texts) {
  std::vector<Route> routes;
  for (const std::string& text : texts) routes.push_back(MakeRoute(text));
  return routes;
}

inline Loaded<RouteTable> MakeTable(const std::vector<std::string>& texts,
                                    RouteTableOptions options = {}) {
  return RouteTable::Build(MakeRoutes(texts), options);
}

// "GET /v1/{id} id=7", "405 GET, HEAD, OPTIONS" or "404".
inline std::string Show(const RouteLookup& lookup) {
  if (std::holds_alternative<NoRoute>(lookup)) return "404";
  if (const auto* wrong = std::get_if<WrongMethod>(&lookup)) {
    return fmt::format("405 {}", fmt::join(wrong->allowed, ", "));
  }
  const auto& match = std::get<RouteMatch>(lookup);
  std::string shown = match.route->http_method + " " + match.route->path.text;
  for (std::size_t i = 0; i < match.captures.size(); ++i) {
    shown += " " + match.route->path.variables.at(i).field_path + "=" + match.captures[i];
  }
  return shown;
}

}  // namespace puente::testing
