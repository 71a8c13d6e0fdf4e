// The route table for people and for programs: `puente routes`, `puente check` and GET /routes.
#pragma once

#include <string>
#include <string_view>

#include "transcoder/route_table.h"

namespace puente {

// "unary", "server stream", "client stream" or "bidirectional".
std::string_view CallKind(const google::protobuf::MethodDescriptor& method);

// One line per route, in columns: HTTP method, template, gRPC method, kind of call, body.
std::string RoutesAsText(const RouteTable& table);

// {"routes": [{"httpMethod", "path", "service", "method", "kind", "body", "responseBody",
// "automatic"}, …]}
std::string RoutesAsJson(const RouteTable& table);

}  // namespace puente
