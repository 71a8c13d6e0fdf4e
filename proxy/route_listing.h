// The route table for people and for programs: `puente routes`, `puente check` and GET /routes.
#pragma once

#include <string>
#include <string_view>

#include "config/puente.pb.h"
#include "transcoder/route_table.h"

namespace puente {

// "unary", "server stream", "client stream" or "bidirectional".
std::string_view CallKind(const google::protobuf::MethodDescriptor& method);

// One line per route, in columns: HTTP method, template, gRPC method, kind of call, body. Behind
// them those of `config` for paths that no method need be bound to: "*  /legacy/**  -> legacy".
std::string RoutesAsText(const RouteTable& table, const config::Config& config);

// {"routes": [{"httpMethod", "path", "service", "method", "kind", "body", "responseBody",
// "automatic"}, …]}; behind them {"httpMethod", "path", "pathPrefix", "upstreams", "automatic"}.
std::string RoutesAsJson(const RouteTable& table, const config::Config& config);

}  // namespace puente
