// An explanation of a request, with what the configuration adds to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/puente.pb.h"
#include "transcoder/explain.h"
#include "transcoder/route_table.h"

namespace puente {

// Texts are empty where there is nothing to say.
struct ExplainedCall {
  Explanation explanation;
  std::string request;      // "GET /v1/invoices/7"
  std::string source;       // where the route comes from: "annotation, additional binding 1"
  std::string body;         // what the body is bound to
  std::string wanted_body;  // what it would have to be, where none was given
  std::string deadline;     // "15s"
  std::string upstream;     // its name
  std::string target;       // where it is: "127.0.0.1:50051"
  std::string entry;        // what sends the call there: "routes[2]"
  std::vector<std::string> dropped_headers;
  std::string error_body;  // the body of the answer that refuses the request
};

// `has_body` when the request has one. Without upstreams in `config` those parts stay empty.
// `explanation` is of a route of `table`.
ExplainedCall ExplainCall(const config::Config& config, const RouteTable& table,
                          const google::protobuf::DescriptorPool& pool, bool has_body,
                          Explanation explanation);

// For people, in lines of a label and a text.
std::string ExplainedAsText(const ExplainedCall& call);
// For programs.
std::string ExplainedAsJson(const ExplainedCall& call);

}  // namespace puente
