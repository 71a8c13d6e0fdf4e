#include "proxy/explained_call.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "config/duration_text.h"
#include "descriptors/type_name.h"
#include "proxy/destination.h"
#include "proxy/transcoding_options.h"
#include "transcoder/error_body.h"
#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::Descriptor;

namespace {

std::string SourceOf(const Route& route, const RouteTable& table) {
  if (route.automatic) return "automatic";
  int ordinal = 0;
  for (const Route& other : table.routes()) {
    if (&other == &route) break;
    ordinal += !other.automatic && other.method == route.method;
  }
  const std::string source = route.origin.empty() ? "annotation" : route.origin;
  return ordinal == 0 ? source : fmt::format("{}, additional binding {}", source, ordinal);
}

std::string BodyOf(const Route& route) {
  const std::string form = route.request_is_http_body         ? ", any bytes"
                           : route.method->client_streaming() ? ", a JSON array or JSON lines"
                                                              : "";
  switch (route.body) {
    case Route::Body::kNone:
      return "none is taken";
    case Route::Body::kMessage:
      return fmt::format("the whole request ({}{})", route.method->input_type()->full_name(), form);
    case Route::Body::kField:
      return fmt::format("{} ({}{})", route.body_field->name(), TypeName(*route.body_field), form);
  }
  return "";
}

std::string FieldsOf(const Descriptor& message) {
  std::vector<std::string> fields;
  for (int i = 0; i < message.field_count(); ++i) {
    fields.push_back(
        fmt::format("{}: {}", message.field(i)->json_name(), TypeName(*message.field(i))));
  }
  return fmt::format("{{{}}}", fmt::join(fields, ", "));
}

// What the route takes as its body, one level deep.
std::string WantedBody(const Route& route) {
  if (route.body == Route::Body::kNone || route.request_is_http_body) return "";
  const bool whole = route.body == Route::Body::kMessage;
  const Descriptor* message = whole ? route.method->input_type() : route.body_field->message_type();
  const bool has_fields = message != nullptr && KindOf(*message) == WellKnown::kNone &&
                          (whole || !route.body_field->is_repeated());
  return has_fields ? FieldsOf(*message) : TypeName(*route.body_field);
}

std::string TargetOf(const config::Config& config, std::string_view name) {
  for (const config::Upstream& upstream : config.upstreams()) {
    if (upstream.name() != name) continue;
    const config::GrpcUpstream& grpc = upstream.grpc();
    return grpc.targets().empty() ? grpc.target()
                                  : fmt::format("{}", fmt::join(grpc.targets(), ", "));
  }
  return "";
}

std::string DeadlineOf(const Route& route, const Destination& destination,
                       const Explanation& explanation) {
  const auto& client = explanation.client_timeout;
  const auto text = [](std::chrono::nanoseconds timeout) {
    return FormatDuration(std::min<std::chrono::nanoseconds>(timeout, kMaxDuration));
  };
  const std::string route_timeout = text(destination.timeout);
  const bool streams = route.method->client_streaming() || route.method->server_streaming();
  if (!streams) {
    if (!client || *client >= destination.timeout) return route_timeout;
    return fmt::format("{} (grpc-timeout; the route's is {})", text(*client), route_timeout);
  }
  const std::string whole = client ? text(*client) + " (grpc-timeout)" : "none";
  const bool both = route.method->client_streaming() && route.method->server_streaming();
  return both ? whole : fmt::format("{}; {} for the first answer", whole, route_timeout);
}

void AddDestination(const config::Config& config, const Route& route, ExplainedCall& call) {
  if (config.upstreams().empty()) return;
  const auto destination = FindDestination(config, *route.method);
  if (!destination) return;
  call.upstream = destination->upstream;
  call.target = TargetOf(config, destination->upstream);
  call.entry =
      destination->route < 0 ? "the only upstream" : fmt::format("routes[{}]", destination->route);
  call.deadline = DeadlineOf(route, *destination, call.explanation);
}

}  // namespace

ExplainedCall ExplainCall(const config::Config& config, const RouteTable& table,
                          const google::protobuf::DescriptorPool& pool, bool has_body,
                          Explanation explanation) {
  ExplainedCall call;
  call.explanation = std::move(explanation);
  if (call.explanation.error) {
    call.error_body = PrintErrorBody(*call.explanation.error, ErrorBodyOptionsOf(config, pool));
  }
  if (const Route* route = call.explanation.route) {
    call.source = SourceOf(*route, table);
    call.body = BodyOf(*route);
    if (call.explanation.gzip_body) call.body += "; this one is gzip, and not looked into";
    if (!has_body) call.wanted_body = WantedBody(*route);
    AddDestination(config, *route, call);
  }
  return call;
}

}  // namespace puente
