#include "proxy/explained_call.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "config/duration_text.h"
#include "descriptors/type_name.h"
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

std::string TimeoutText(std::chrono::nanoseconds timeout) {
  return FormatDuration(std::min<std::chrono::nanoseconds>(timeout, kMaxDuration));
}

// The route's, or the client's where that is less.
std::string LesserTimeout(const RoutedExplanation& routed) {
  const auto& client = routed.explanation.client_timeout;
  const std::string of_route = TimeoutText(routed.timeout);
  if (!client || *client >= routed.timeout) return of_route;
  return fmt::format("{} (grpc-timeout; the route's is {})", TimeoutText(*client), of_route);
}

std::string DeadlineOf(const RoutedExplanation& routed) {
  if (!routed.destination->MayCall()) {
    return LesserTimeout(routed) + " for the beginning of the answer";
  }
  const google::protobuf::MethodDescriptor& method = *routed.explanation.route->method;
  if (!method.client_streaming() && !method.server_streaming()) return LesserTimeout(routed);
  const auto& client = routed.explanation.client_timeout;
  const std::string whole = client ? TimeoutText(*client) + " (grpc-timeout)" : "none";
  const bool both = method.client_streaming() && method.server_streaming();
  return both ? whole
              : fmt::format("{}; {} for the first answer", whole, TimeoutText(routed.timeout));
}

}  // namespace

ExplainedCall ExplainCall(const config::Config& config, const RouteTable& table,
                          const google::protobuf::DescriptorPool& pool, bool has_body,
                          RoutedExplanation routed) {
  ExplainedCall call;
  if (routed.destination) call.deadline = DeadlineOf(routed);
  call.explanation = std::move(routed.explanation);
  call.destination = std::move(routed.destination);
  call.forwarded_headers = std::move(routed.forwarded_headers);
  call.may_pass = routed.may_pass;
  if (call.explanation.error) {
    call.error_body = PrintErrorBody(*call.explanation.error, ErrorBodyOptionsOf(config, pool));
  }
  if (const Route* route = call.explanation.route) {
    call.source = SourceOf(*route, table);
    call.body = BodyOf(*route);
    if (call.explanation.gzip_body) call.body += "; this one is gzip, and not looked into";
    if (!has_body) call.wanted_body = WantedBody(*route);
  }
  return call;
}

}  // namespace puente
