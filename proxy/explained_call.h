// An explanation of a request, with what the configuration adds to it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/puente.pb.h"
#include "proxy/explained_destination.h"
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
  std::optional<ExplainedDestination> destination;  // unless there are no upstreams, or no route
  std::vector<Header> forwarded_headers;            // that an HTTP upstream gets
  std::vector<std::string> dropped_headers;
  std::string error_body;  // the body of the answer that refuses the request
  bool may_pass = false;   // HTTP upstreams of the split would get it nevertheless

  // Whether it would be a call of the method that the request is bound to.
  bool MayCall() const {
    return explanation.route != nullptr && (!destination || destination->MayCall());
  }
};

// What a request becomes, and where it would go.
struct RoutedExplanation {
  Explanation explanation;
  std::optional<ExplainedDestination> destination;
  std::vector<Header> forwarded_headers;
  std::chrono::nanoseconds timeout{};  // of the route
  bool may_pass = false;  // what refuses it is of no concern to HTTP upstreams that may get it
};

// `has_body` when the request has one. `routed` is of a route of `table`.
ExplainedCall ExplainCall(const config::Config& config, const RouteTable& table,
                          const google::protobuf::DescriptorPool& pool, bool has_body,
                          RoutedExplanation routed);

// For people, in lines of a label and a text.
std::string ExplainedAsText(const ExplainedCall& call);
// For programs.
std::string ExplainedAsJson(const ExplainedCall& call);

}  // namespace puente
