// A route: one HTTP binding, compiled against the descriptors and checked (design section 4, rule
// 13).
#pragma once

#include <google/protobuf/descriptor.h>

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "descriptors/descriptor_set.h"
#include "descriptors/http_binding.h"
#include "descriptors/problems.h"
#include "transcoder/field_path.h"
#include "transcoder/path_template.h"

namespace puente {

// Immutable once compiled. Valid as long as the DescriptorSet it was compiled from.
struct Route {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string http_method;  // as annotated, HTTP methods being case-sensitive; "*" is every method
  PathTemplate path;
  std::vector<FieldPath> variables;  // the request fields of path.variables, in their order

  // What the HTTP body is mapped to: nothing, the whole request ("*"), or one of its fields.
  enum class Body { kNone, kMessage, kField };
  Body body = Body::kNone;
  const google::protobuf::FieldDescriptor* body_field = nullptr;  // for Body::kField
  const google::protobuf::FieldDescriptor* response_field =
      nullptr;             // response_body; nullptr: the whole response
  bool automatic = false;  // nobody wrote it
  std::string origin;      // where it stands when it is no annotation; see HttpBinding

  // The message that the response's body is made of is a google.api.HttpBody: it leaves as it is,
  // in its own media type.
  bool response_is_http_body = false;
  // Likewise for what the request's body is mapped to.
  bool request_is_http_body = false;

  // "/billing.v1.BillingService/GetInvoice": the path of the gRPC call.
  std::string grpc_path;

  // "billing.v1.BillingService.GetInvoice (GET /v1/invoices/{id})"
  std::string Describe() const;
};

enum class AutoRoutes {
  kOff,
  kRpc,   // POST /package.Service/Method for every method
  kRest,  // that, and resource paths for methods without a rule (rest_routes.h)
};

// By method: the bindings that go in place of its annotations.
using MethodRules =
    std::unordered_map<const google::protobuf::MethodDescriptor*, std::vector<HttpBinding>>;

struct RouteOptions {
  std::vector<std::string>
      services;  // full names; empty: all of the set. One that the set does not have is a problem.
  AutoRoutes auto_routes = AutoRoutes::kRpc;
  MethodRules rules = {};
  bool preserve_proto_field_names = false;  // answers are printed with proto names
};

// Compiles one binding. Problems, each naming method and template: a template that does not parse;
// a path variable that is no field of the request, or of message (save wrappers and the well-known
// types with a textual JSON form: Timestamp, Duration, FieldMask), map or repeated type, or inside
// of a proto2 group or of a message to which JSON gives a form of its own; two path variables that
// are the same field, or of one oneof; a path variable and a body of one oneof; a body or
// response_body that is no top-level field; no pattern; an HTTP method that is no token (RFC 9110,
// section 5.6.2), or is TRACE or CONNECT, which are never served; additional_bindings in
// additional_bindings. A body or response_body on a repeated field of a method that streams in that
// direction is allowed (each message is one element's worth of JSON).
Loaded<Route> CompileRoute(const HttpBinding& binding);

// All routes of a set, in the order of services, methods and bindings. An annotated method has an
// automatic route too, when that is on and no annotation has the same one; so does one that
// options.rules names, and one with inferred resource paths. All problems of all
// bindings at once, duplicates among the sound ones and fields of their messages that share a JSON
// name, or that an answer printed with proto names would mix up, included.
Loaded<std::vector<Route>> CompileRoutes(const DescriptorSet& set, const RouteOptions& options);

// Routes that no request could tell apart: same method, verb and segments once variable names are
// taken away. One problem for each that is not the first of its kind, naming both.
Problems FindDuplicates(std::span<const Route> routes);

}  // namespace puente
