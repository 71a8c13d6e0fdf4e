#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "proxy/explained_call.h"
#include "proxy/route_listing.h"
#include "transcoder/base64.h"
#include "transcoder/json_text.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

constexpr std::string_view kMetadata = "metadata";

std::string Quote(std::string_view text) {
  std::string quoted;
  AppendJsonString(ReplaceInvalidUtf8(text), quoted);
  return quoted;
}

class Text {
 public:
  // Further lines of `text` stand below its first one; nothing where there is no text.
  void Add(std::string_view label, std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      fmt::format_to(std::back_inserter(out_), "{:<10}{}\n", label, text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      label = "";
    }
  }

  void Add(const ExplainedParameter& parameter, std::string_view label) {
    std::string text = fmt::format("{} = {}", Quote(parameter.name), Quote(parameter.value));
    if (!parameter.field.empty()) {
      text += fmt::format(" -> {} ({})", parameter.field, parameter.type);
    }
    if (parameter.outcome == ExplainedParameter::Outcome::kLetPass) text += " -> let pass";
    if (parameter.outcome == ExplainedParameter::Outcome::kRefused) text += " -> refused";
    if (!parameter.problem.empty()) text += ": " + parameter.problem;
    Add(label, text);
  }

  void AddAll(const std::vector<ExplainedParameter>& parameters, std::string_view label) {
    for (const ExplainedParameter& parameter : parameters) {
      Add(parameter, label);
      label = "";
    }
  }

  std::string Finish() && { return std::move(out_); }

 private:
  std::string out_;
};

void AddRefusal(const ExplainedCall& call, Text& text) {
  const auto& error = call.explanation.error;
  if (!error) return;
  text.Add("refused",
           fmt::format("{} {}: {}", error->HttpStatus(), CodeName(error->code), error->message));
  for (const auto& [name, value] : error->headers) {
    text.Add("", fmt::format("{}: {}", name, value));
  }
  if (call.may_pass) text.Add("", "where it goes to gRPC; an HTTP upstream gets it as it came");
  text.Add("answer", call.error_body);
  std::string_view label = "near";
  for (const NearMiss& miss : call.explanation.near_misses) {
    text.Add(label,
             fmt::format("{} {}: {}", miss.route->http_method, miss.route->path.text, miss.why));
    label = "";
  }
}

void AddRoute(const Route& route, const ExplainedCall& call, Text& text) {
  text.Add("route", fmt::format("{} {} ({})", route.http_method, route.path.text, call.source));
  text.Add("method", fmt::format("{}, {}", route.method->full_name(), CallKind(*route.method)));
  if (!call.MayCall()) return;
  text.Add("gRPC path", route.grpc_path);
  text.AddAll(call.explanation.variables, "path");
  text.AddAll(call.explanation.query, "query");
  text.Add("body", call.body);
  if (call.wanted_body.empty()) return;
  text.Add("",
           fmt::format("none is given, which is {}; it takes {}",
                       route.method->client_streaming() ? "no message" : "{}", call.wanted_body));
}

void AddMessages(const Explanation& explanation, Text& text) {
  for (const ExplainedMessage& message : explanation.messages) {
    text.Add("request", message.json);
    text.Add("", message.text);
  }
  const DroppedInput& dropped = explanation.dropped;
  if (dropped.in_body + dropped.in_query == 0) return;
  text.Add("dropped", fmt::format("{} of the body, {} of the query; {}", dropped.in_body,
                                  dropped.in_query, fmt::join(dropped.names, ", ")));
}

void AddHeaders(std::string_view label, const std::vector<Header>& headers,
                const ExplainedCall& call, Text& text) {
  const bool is_metadata = label == kMetadata;
  for (const Header& header : headers) {
    const bool is_binary = is_metadata && header.name.ends_with("-bin");
    text.Add(
        std::exchange(label, ""),
        fmt::format("{}: {}", header.name, is_binary ? EncodeBase64(header.value) : header.value));
  }
  if (call.dropped_headers.empty()) return;
  text.Add(label, fmt::format("without {} (headers_with_underscores)",
                              fmt::join(call.dropped_headers, ", ")));
}

void AddSplit(const ExplainedDestination& destination, Text& text) {
  text.Add("split", fmt::format("{}, by {}", destination.split, destination.entry));
  for (std::size_t i = 0; i < destination.backends.size(); ++i) {
    const ExplainedBackend& backend = destination.backends[i];
    text.Add(destination.chosen == i ? "       ->" : "",
             fmt::format("{} ({}): weight {}, {:.4g} %", backend.upstream, backend.target,
                         backend.weight, backend.percent));
  }
  text.Add("choice", destination.choice);
}

void AddDestination(const ExplainedCall& call, Text& text) {
  const ExplainedDestination& destination = *call.destination;
  if (destination.split.empty()) {
    const ExplainedBackend& only = destination.backends.front();
    text.Add("upstream",
             fmt::format("{} ({}), by {}", only.upstream, only.target, destination.entry));
  } else {
    AddSplit(destination, text);
  }
  if (destination.MayForward()) {
    text.Add("forwards", destination.forwarded);
    AddHeaders("headers", call.forwarded_headers, call, text);
  }
  for (const auto& [name, policy] : destination.policies) text.Add(name, policy);
}

}  // namespace

std::string ExplainedAsText(const ExplainedCall& call) {
  Text text;
  text.Add("request", call.request);
  if (!call.explanation.allowed.empty()) {
    text.Add("answer", fmt::format("204 without a call; Allow: {}",
                                   fmt::join(call.explanation.allowed, ", ")));
  }
  AddRefusal(call, text);
  if (const Route* route = call.explanation.route) {
    AddRoute(*route, call, text);
  } else if (call.destination) {
    text.Add("route", fmt::format("{} (path_prefix)", call.destination->prefix));
  }
  if (call.MayCall()) {
    AddMessages(call.explanation, text);
    AddHeaders(kMetadata, call.explanation.metadata, call, text);
  }
  text.Add("deadline", call.deadline);
  if (call.destination) AddDestination(call, text);
  return std::move(text).Finish();
}

}  // namespace puente
