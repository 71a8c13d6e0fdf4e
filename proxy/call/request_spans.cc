#include "proxy/call/request_spans.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "config/address.h"
#include "proxy/call/access_log_entry.h"
#include "proxy/telemetry/http_method.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

class Attributes {
 public:
  explicit Attributes(Span& span) : span_(span) { span_.attributes.reserve(kUsual); }

  // Nothing for a text that is empty. What a client sends is cut, so that none can make a batch
  // larger than a collector takes.
  void Add(std::string_view key, std::string_view text) {
    constexpr std::size_t kLongest = 1024;
    if (!text.empty()) span_.attributes.push_back({key, std::string(text.substr(0, kLongest))});
  }
  void AddNumber(std::string_view key, std::int64_t number) {
    span_.attributes.push_back({key, number});
  }
  void AddServer(const HostAndPort& server) {
    Add("server.address", server.host);
    if (server.port != 0) AddNumber("server.port", server.port);
  }

 private:
  static constexpr std::size_t kUsual = 16;

  Span& span_;
};

void AddTarget(const RequestContext& context, Attributes& attributes) {
  const RequestHead& head = context.exchange.head();
  const auto target = SplitTarget(head.target);
  if (!target) return;
  const Redaction& redaction = context.snapshot->redaction();
  attributes.Add(
      "url.path",
      redaction.Path(target->path, context.route != nullptr ? &context.route->path : nullptr));
  attributes.Add("url.query", redaction.Query(target->query));
}

void AddHeaders(const RequestContext& context, Attributes& attributes) {
  const RequestHead& head = context.exchange.head();
  const std::string_view* user_agent = FindHeader(head.headers, "user-agent");
  if (user_agent == nullptr || !IsPrintableAscii(*user_agent)) return;
  const bool hidden = context.snapshot->redaction().HidesHeader("user-agent");
  attributes.Add("user_agent.original", hidden ? kRedacted : *user_agent);
}

// The call failed after an answer had begun, and that was not the client's doing.
bool BrokeInTheMiddle(const RequestContext& context) {
  const auto& call = context.outcome.call;
  return context.exchange.status() < 400 && call && call->code && *call->code != Code::kOk &&
         *call->code != Code::kCancelled;
}

}  // namespace

void ExportCallSpan(RequestContext& context, Code code, std::chrono::nanoseconds duration) {
  const google::protobuf::MethodDescriptor& method = *context.route->method;
  const std::string& service = method.service()->full_name();
  const std::string_view code_name = CodeName(code);
  Span span = context.trace.CallSpan(duration);
  span.name = fmt::format("{}/{}", service, method.name());
  Attributes attributes(span);
  attributes.Add("rpc.system.name", "grpc");
  attributes.Add("rpc.system", "grpc");
  attributes.Add("rpc.service", service);
  attributes.Add("rpc.method", span.name);
  attributes.Add("rpc.response.status_code", code_name);
  attributes.AddNumber("rpc.grpc.status_code", static_cast<std::int64_t>(code));
  attributes.AddServer(context.backend->server());
  attributes.Add("puente.upstream", context.backend->name());
  attributes.Add("puente.split", context.policy->split_name);
  if (code != Code::kOk) {
    attributes.Add("error.type", code_name);
    span.status = Span::Status::kError;
    span.status_message = code_name;
  }
  context.trace.Export(std::move(span));
}

void ExportExchangeSpan(RequestContext& context, std::optional<int> status, std::string_view error,
                        std::chrono::nanoseconds duration) {
  constexpr int kErrors = 400;
  const std::string_view sent = context.exchange.head().method;
  const bool known = IsKnownMethod(sent);
  Span span = context.trace.CallSpan(duration);
  span.name = known ? KnownMethod(sent) : "HTTP";
  Attributes attributes(span);
  attributes.Add("http.request.method", KnownMethod(sent));
  attributes.AddServer(context.backend->server());
  attributes.Add("puente.upstream", context.backend->name());
  attributes.Add("puente.split", context.policy->split_name);
  if (status) attributes.AddNumber("http.response.status_code", *status);
  const std::string text = status ? std::to_string(*status) : std::string(error);
  if (!status || *status >= kErrors) {
    attributes.Add("error.type", text);
    span.status = Span::Status::kError;
  }
  context.trace.Export(std::move(span));
}

void ExportServerSpan(RequestContext& context, std::chrono::nanoseconds duration) {
  const Exchange& exchange = context.exchange;
  const RequestHead& head = exchange.head();
  const bool known = IsKnownMethod(head.method);
  const std::string_view method = KnownMethod(head.method);
  const bool has_route = context.route != nullptr;
  Span span = context.trace.ServerSpan(duration);
  span.name = fmt::format("{}{}{}", known ? method : "HTTP", has_route ? " " : "",
                          has_route ? context.route_label : "");
  Attributes attributes(span);
  attributes.Add("http.request.method", method);
  if (!known && IsPrintableAscii(head.method)) {
    attributes.Add("http.request.method_original", head.method.substr(0, 32));
  }
  attributes.Add("url.scheme", exchange.client().tls ? "https" : "http");
  AddTarget(context, attributes);
  if (has_route) attributes.Add("http.route", context.route_label);
  attributes.AddNumber("http.response.status_code", exchange.status());
  attributes.AddServer(SplitHostAndPort(head.host));
  const bool is_forwarded = !context.forwarded_client.empty();
  attributes.Add("client.address",
                 is_forwarded ? context.forwarded_client : exchange.client().address);
  attributes.Add("network.peer.address", exchange.client().address);
  attributes.Add("network.protocol.version", head.minor_version == 0 ? "1.0" : "1.1");
  AddHeaders(context, attributes);
  attributes.Add("puente.request_id", IdsOf(context).request_id);
  if (exchange.status() >= 500) {
    attributes.Add("error.type", std::to_string(exchange.status()));
    span.status = Span::Status::kError;
  } else if (BrokeInTheMiddle(context)) {
    attributes.Add("error.type", CodeName(*context.outcome.call->code));
    span.status = Span::Status::kError;
  }
  context.trace.Export(std::move(span));
}

}  // namespace puente
