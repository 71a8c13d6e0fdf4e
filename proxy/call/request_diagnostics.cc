#include "proxy/call/request_diagnostics.h"

#include <fmt/format.h>

#include <string>

#include "proxy/call/access_log_entry.h"
#include "transcoder/codec.h"
#include "transcoder/metadata.h"

namespace puente {
namespace {

// The client gave the call less time than the route does.
bool IsClientsDeadline(const RequestContext& context) {
  const auto asked = ParseGrpcTimeout(context.exchange.head().headers);
  return asked && *asked && context.policy != nullptr && **asked < context.policy->timeout;
}

// Whether a failure before a call, or of one, is the client's doing. A status of 500 never is.
bool IsOfClient(const RequestContext& context, const AccessLogEntry& entry) {
  switch (entry.flag) {
    case AccessLogFlag::kBadRequest:
      return entry.status != 500;
    case AccessLogFlag::kRequestTimeout:
    case AccessLogFlag::kNoRoute:
    case AccessLogFlag::kMethodNotAllowed:
    case AccessLogFlag::kForbidden:
    case AccessLogFlag::kClientLeft:
    case AccessLogFlag::kClientSlow:
      return true;
    case AccessLogFlag::kDeadline:
      return !context.outcome.call || IsClientsDeadline(context);
    default:
      return false;
  }
}

// `invoice.lines[2].colour` as `invoice.lines[].colour`.
std::string WithoutKeys(std::string_view name) {
  std::string bare;
  int depth = 0;
  for (const char c : name) {
    if (c == ']') --depth;
    if (depth <= 0) bare += c;
    if (c == '[') ++depth;
  }
  return bare;
}

std::string NamesForLog(const DroppedInput& dropped) {
  std::string names;
  for (const std::string& name : dropped.names) {
    if (!names.empty()) names += ", ";
    names += WithoutKeys(name);
  }
  return names;
}

void Warn(const RequestContext& context, LogLimiter& limiter, std::string_view message) {
  const auto left_out = limiter.Admit(std::chrono::steady_clock::now());
  if (!left_out) return;
  std::string line(message);
  if (*left_out > 0) line += fmt::format("; such lines left out before it: {}", *left_out);
  LogRequest(config::Log::LEVEL_WARN, IdsOf(context), line);
}

}  // namespace

void WarnOfFailure(const RequestContext& context, std::string_view message) {
  Warn(context, context.telemetry.warnings.failures, message);
}

void ReportFailure(const RequestContext& context) {
  if (context.exchange.status() < 500) return;
  const AccessLogEntry entry = EntryOf(context, {});
  if (IsOfClient(context, entry)) return;
  const Code code = context.outcome.error.value_or(entry.code.value_or(Code::kUnknown));
  std::string message = fmt::format(
      "{}: answered {} {}",
      context.route != nullptr ? context.route->Describe() : std::string(context.route_label),
      entry.status, CodeName(code));
  if (entry.flag != AccessLogFlag::kNone) message += fmt::format(", {}", FlagText(entry.flag));
  if (!entry.upstream.empty()) message += fmt::format(", upstream {}", entry.upstream);
  WarnOfFailure(context, message);
}

void ReportDropped(const RequestContext& context) {
  if (context.dropped.names.empty() || context.route == nullptr) return;
  Warn(context, context.telemetry.warnings.dropped_input,
       fmt::format("{}: let pass what nothing is bound to: {}", context.route->Describe(),
                   NamesForLog(context.dropped)));
}

}  // namespace puente
