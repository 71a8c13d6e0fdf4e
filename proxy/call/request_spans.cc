#include "proxy/call/request_spans.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "transcoder/http_method.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

class Attributes {
 public:
  explicit Attributes(Span& span) : span_(span) {}

  // Nothing for a text that is empty.
  void Add(std::string_view key, std::string_view text) {
    if (!text.empty()) span_.attributes.push_back({key, std::string(text)});
  }
  void AddNumber(std::string_view key, std::int64_t number) {
    span_.attributes.push_back({key, number});
  }
  // "host:port", "[v6]:port" or "host", as server.address and server.port.
  void AddServer(std::string_view host) {
    const auto colon = host.rfind(':');
    const bool has_port = colon != std::string_view::npos && host.find(']', colon) == host.npos &&
                          (host.find(':') == colon || host.starts_with('['));
    std::int64_t port = 0;
    if (has_port) std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
    Add("server.address", has_port ? host.substr(0, colon) : host);
    if (port > 0) AddNumber("server.port", port);
  }

 private:
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
  attributes.AddServer(context.served->upstream->address());
  attributes.Add("puente.upstream", context.served->upstream->name());
  if (code != Code::kOk) {
    attributes.Add("error.type", code_name);
    span.status = Span::Status::kError;
    span.status_message = code_name;
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
  attributes.AddServer(head.host);
  attributes.Add("client.address", exchange.client().address);
  attributes.Add("network.peer.address", exchange.client().address);
  attributes.Add("network.protocol.version", head.minor_version == 0 ? "1.0" : "1.1");
  AddHeaders(context, attributes);
  attributes.Add("puente.request_id", IdsOf(context).request_id);
  if (exchange.status() >= 500) {
    attributes.Add("error.type", std::to_string(exchange.status()));
    span.status = Span::Status::kError;
  }
  context.trace.Export(std::move(span));
}

}  // namespace puente
