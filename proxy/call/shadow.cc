#include "proxy/call/shadow.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "proxy/call/call_input.h"
#include "proxy/call/shadow_run.h"
#include "proxy/http/web_socket_handshake.h"
#include "proxy/random.h"
#include "transcoder/find_route.h"
#include "transcoder/forwarding.h"
#include "transcoder/request_type.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

using google::protobuf::MethodOptions;

bool IsSafe(const RequestContext& context) {
  const std::string_view method = context.exchange.head().method;
  if (method == "GET" || method == "HEAD") return true;
  return context.route != nullptr &&
         context.route->method->options().idempotency_level() == MethodOptions::NO_SIDE_EFFECTS;
}

bool CanCopy(const RequestContext& context) {
  const RequestHead& head = context.exchange.head();
  if (IsWebSocketUpgrade(head)) return false;
  if (context.route == nullptr) return context.policy->shadow->backend.http != nullptr;
  return IsUnary(*context.route);
}

// A share of `max_in_flight`; false where it is used up.
bool TakePlace(const ShadowPolicy& shadow) {
  if (shadow.in_flight->fetch_add(1, std::memory_order_relaxed) < shadow.max_in_flight) return true;
  shadow.in_flight->fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void AddCall(RequestContext& context, std::vector<Header> trace, ShadowRequest& copy) {
  const RequestHead& head = context.exchange.head();
  auto metadata = MetadataFromHeaders(head.headers, OriginOf(context, trace));
  if (!metadata) return copy.Refuse(metadata.error());
  copy.headers = *std::move(metadata);
  const auto target = SplitTarget(head.target);
  if (!target) return copy.Refuse(target.error());
  const auto match = FindRoute(context.snapshot->table(), head.method, target->path);
  if (!match) return copy.Refuse(match.error());
  DroppedInput dropped;
  const auto bound =
      context.served->codec->Bind({.captures = match->captures, .query = target->query}, dropped);
  if (!bound) return copy.Refuse(bound.error());
  const auto type = ContentTypeOf(head.headers);
  if (!type) return copy.Refuse(type.error());
  const auto body = MeaningOfBody(context);
  if (!body) return copy.Refuse(body.error());
  auto message = context.served->codec->Encode(*bound, {*type, *body}, dropped);
  if (!message) return copy.Refuse(message.error());
  copy.body = *std::move(message);
}

// What makes an answer another than the plain one, which is to be compared.
bool ChangesAnswer(std::string_view name) {
  return EqualsIgnoreCase(name, "accept-encoding") || EqualsIgnoreCase(name, "range") ||
         EqualsIgnoreCase(name.substr(0, 3), "if-");
}

void AddForward(RequestContext& context, const std::vector<Header>& trace, ShadowRequest& copy) {
  auto forwarded = ForwardRequestHeaders(context.exchange.head().headers, OriginOf(context, trace));
  if (!forwarded) return copy.Refuse(forwarded.error());
  const bool compares = context.policy->shadow->compares;
  for (const HeaderView& header : forwarded->passed_on) {
    if (compares && ChangesAnswer(header.name)) continue;
    copy.headers.push_back({std::string(header.name), std::string(header.value)});
  }
  for (Header& header : forwarded->added) copy.headers.push_back(std::move(header));
  copy.target = context.exchange.head().target;
  copy.has_body = context.exchange.head().HasBody();
  copy.body = context.body.bytes;
}

ShadowRequest CopyOf(RequestContext& context) {
  const bool is_call = context.policy->shadow->backend.grpc != nullptr;
  std::vector<Header> trace = context.trace.BeginCall();
  ShadowRequest copy{.snapshot = context.snapshot,
                     .policy = *context.policy,
                     .route = context.route,
                     .served = context.served,
                     .route_label = context.route_label,
                     .id = context.id,
                     .trace_id = std::string(context.trace.trace_id()),
                     .method = std::string(context.exchange.head().method),
                     .answer = std::move(context.answer),
                     .lane = context.lane,
                     .http_lane = context.http_lane,
                     .telemetry = context.telemetry};
  if (context.trace.recording()) copy.span = context.trace.CallSpan({});
  if (is_call) {
    AddCall(context, std::move(trace), copy);
  } else {
    AddForward(context, trace, copy);
  }
  return copy;
}

}  // namespace

void Shadows::Close() {
  closed_ = true;
  for (ShadowRun* run : running_) run->Cancel();
}

void PrepareShadow(RequestContext& context) {
  const auto& shadow = context.policy->shadow;
  if (!shadow || !CanCopy(context)) return;
  if (!shadow->unsafe_methods && !IsSafe(context)) return;
  if (RandomShare() * 100 >= shadow->percent) return;
  context.is_copied = true;
  context.answer.is_wanted = shadow->compares;
  context.answer.max_bytes = shadow->max_body_bytes;
}

void SendShadow(RequestContext& context, Shadows& shadows) {
  if (!context.is_copied || shadows.closed_) return;
  const RoutePolicy& policy = *context.policy;
  const ShadowPolicy& shadow = *policy.shadow;
  // It would only be compared with itself.
  const bool was_there =
      context.backend != nullptr && context.backend->name() == shadow.backend.name();
  if (was_there) return;
  const bool has_body = context.exchange.head().HasBody();
  const bool is_too_large =
      has_body && (!context.body.is_read || context.body.bytes.size() > shadow.max_body_bytes);
  if (is_too_large || !TakePlace(shadow)) {
    policy.split_metrics->shadows_dropped.Increment();
    return;
  }
  auto run = std::make_shared<ShadowRun>(CopyOf(context));
  shadows.running_.insert(run.get());
  asio::co_spawn(context.exchange.executor(), run->Run(),
                 [run, &shadows](const std::exception_ptr& failure) {
                   shadows.running_.erase(run.get());
                   if (failure) std::rethrow_exception(failure);
                 });
}

}  // namespace puente
