#include <fmt/format.h>

#include <string_view>

#include "proxy/explained_call.h"
#include "proxy/route_listing.h"
#include "transcoder/base64.h"
#include "transcoder/json_writer.h"

namespace puente {
namespace {

constexpr std::string_view kMetadata = "metadata";

std::string_view OutcomeName(ExplainedParameter::Outcome outcome) {
  switch (outcome) {
    case ExplainedParameter::Outcome::kBound:
      return "bound";
    case ExplainedParameter::Outcome::kLetPass:
      return "let_pass";
    case ExplainedParameter::Outcome::kRefused:
      return "refused";
  }
  return "";
}

template <class Items, class Write>
void Array(std::string_view name, const Items& items, JsonWriter& json, Write write) {
  json.Key(name);
  json.Open('[');
  for (const auto& item : items) write(item);
  json.Close();
}

void WriteParameters(std::string_view name, const std::vector<ExplainedParameter>& parameters,
                     JsonWriter& json) {
  Array(name, parameters, json, [&](const ExplainedParameter& parameter) {
    json.Open('{');
    json.Member("name", parameter.name);
    json.Member("value", parameter.value);
    json.OptionalMember("field", parameter.field);
    json.OptionalMember("type", parameter.type);
    json.Member("outcome", OutcomeName(parameter.outcome));
    json.OptionalMember("problem", parameter.problem);
    json.Close();
  });
}

void WriteRoute(const Route& route, const ExplainedCall& call, JsonWriter& json) {
  json.Key("route");
  json.Open('{');
  json.Member("httpMethod", route.http_method);
  json.Member("path", route.path.text);
  json.Member("source", call.source);
  json.Member("service", route.method->service()->full_name());
  json.Member("method", route.method->name());
  json.Member("kind", CallKind(*route.method));
  json.Member("grpcPath", route.grpc_path);
  json.Close();
}

void WriteRefusal(const ExplainedCall& call, JsonWriter& json) {
  const auto& error = call.explanation.error;
  if (!error) return;
  json.Key("refused");
  json.Open('{');
  json.Key("status");
  json.Number(error->HttpStatus());
  json.Member("code", CodeName(error->code));
  json.Member("message", error->message);
  json.Key("body");
  json.Raw(call.error_body);
  if (call.may_pass) json.Member("where", "gRPC upstreams");
  json.Close();
  Array("nearMisses", call.explanation.near_misses, json, [&](const NearMiss& miss) {
    json.Open('{');
    json.Member("httpMethod", miss.route->http_method);
    json.Member("path", miss.route->path.text);
    json.Member("why", miss.why);
    json.Close();
  });
}

void WriteMessages(const Explanation& explanation, JsonWriter& json) {
  Array("messages", explanation.messages, json, [&](const ExplainedMessage& message) {
    json.Open('{');
    json.Key("json");
    json.Raw(message.json.empty() ? "null" : message.json);
    json.Member("text", message.text);
    json.Close();
  });
  json.Key("dropped");
  json.Open('{');
  json.Key("body");
  json.Number(static_cast<std::int64_t>(explanation.dropped.in_body));
  json.Key("query");
  json.Number(static_cast<std::int64_t>(explanation.dropped.in_query));
  json.Close();
}

void WriteHeaders(std::string_view name, const std::vector<Header>& headers, JsonWriter& json) {
  const bool is_metadata = name == kMetadata;
  Array(name, headers, json, [&](const Header& header) {
    const bool is_binary = is_metadata && header.name.ends_with("-bin");
    json.Open('{');
    json.Member("name", header.name);
    json.Member("value", is_binary ? EncodeBase64(header.value) : header.value);
    json.Close();
  });
}

void WriteBinding(const ExplainedCall& call, JsonWriter& json) {
  WriteParameters("pathVariables", call.explanation.variables, json);
  WriteParameters("queryParameters", call.explanation.query, json);
  json.Member("body", call.body);
  json.OptionalMember("wantedBody", call.wanted_body);
  WriteMessages(call.explanation, json);
  WriteHeaders(kMetadata, call.explanation.metadata, json);
}

void WriteSplit(const ExplainedDestination& destination, JsonWriter& json) {
  json.Key("split");
  json.Open('{');
  json.Member("name", destination.split);
  json.Member("by", destination.entry);
  json.Member("choice", destination.choice);
  Array("backends", destination.backends, json, [&](const ExplainedBackend& backend) {
    json.Open('{');
    json.Member("name", backend.upstream);
    json.Member("target", backend.target);
    json.Key("weight");
    json.Number(static_cast<std::int64_t>(backend.weight));
    json.Member("share", fmt::format("{:.4g} %", backend.percent));
    json.Close();
  });
  json.Close();
}

// Where it is known: the one upstream, or the one of a split.
void WriteUpstream(const ExplainedDestination& destination, JsonWriter& json) {
  if (!destination.chosen) return;
  const ExplainedBackend& chosen = destination.backends[*destination.chosen];
  json.Key("upstream");
  json.Open('{');
  json.Member("name", chosen.upstream);
  json.Member("target", chosen.target);
  json.Member("by", destination.entry);
  json.Close();
}

void WriteDestination(const ExplainedCall& call, JsonWriter& json) {
  const ExplainedDestination& destination = *call.destination;
  json.OptionalMember("pathPrefix", destination.prefix);
  if (!destination.split.empty()) WriteSplit(destination, json);
  WriteUpstream(destination, json);
  if (destination.MayForward()) {
    json.Key("forwarded");
    json.Open('{');
    json.Member("request", destination.forwarded);
    WriteHeaders("headers", call.forwarded_headers, json);
    json.Close();
  }
  json.Key("policies");
  json.Open('{');
  for (const auto& [name, policy] : destination.policies) json.Member(name, policy);
  json.Close();
}

}  // namespace

std::string ExplainedAsJson(const ExplainedCall& call) {
  const Explanation& explanation = call.explanation;
  JsonWriter json;
  json.Open('{');
  json.Member("request", call.request);
  if (!explanation.allowed.empty()) {
    Array("allow", explanation.allowed, json, [&](const std::string& name) { json.String(name); });
  }
  WriteRefusal(call, json);
  if (const Route* route = explanation.route) {
    WriteRoute(*route, call, json);
  }
  if (call.MayCall()) WriteBinding(call, json);
  if (explanation.route != nullptr || call.destination) {
    Array("droppedHeaders", call.dropped_headers, json,
          [&](const std::string& name) { json.String(name); });
  }
  json.OptionalMember("deadline", call.deadline);
  if (call.destination) WriteDestination(call, json);
  json.Close();
  return std::move(json).Finish();
}

}  // namespace puente
