#include "proxy/call/attempt.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "proxy/call/request_context.h"
#include "proxy/call/request_spans.h"
#include "proxy/http/web_socket_handshake.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr int kUnavailable = 503;

Error RefusedBy(const Backend& backend, CircuitBreaker::Refusal refusal) {
  const std::string_view why = refusal == CircuitBreaker::Refusal::kOpen
                                   ? "its circuit breaker is open"
                                   : "too many calls to it are under way";
  return {Code::kUnavailable,
          fmt::format("upstream {} is not called: {}", backend.name(), why),
          0,
          {},
          {}};
}

// How long clients listen to a stream says nothing of an upstream.
bool IsStream(const RequestContext& context) {
  return IsWebSocketUpgrade(context.exchange.head()) ||
         (context.route != nullptr && !IsUnary(*context.route));
}

// Both sides of a rollout are measured alike: what a client of the legacy service would have got as
// a 501, a canary's UNIMPLEMENTED, is an error although no breaker opens for it. What clients cause
// themselves is none.
void CountForRollout(const RequestContext& context, TrafficStats& stats, int http_status,
                     nanoseconds duration, Outcome outcome) {
  const bool is_stream = IsStream(context);
  if (outcome != Outcome::kNeutral) {
    const bool is_error =
        outcome == Outcome::kFailure || OutcomeOfHttpStatus(http_status) == Outcome::kFailure;
    stats.Count(is_error, is_stream ? nanoseconds(0) : duration);
  } else if (!is_stream) {
    stats.CountLeft(duration);
  }
}

// Whether the upstream has all that it needs for an answer, as soon as the attempt begins: until
// then it is the client that is waited for.
bool IsReadyToSend(const RequestContext& context) {
  return context.body.is_read || !context.exchange.head().HasBody();
}

void CountRequest(const RequestContext& context, const Backend& backend, int http_status,
                  nanoseconds duration, Outcome outcome) {
  if (MetricCells* const cells = context.telemetry.cells) {
    backend.metrics->Count(*cells, http_status, duration, context.trace.sampled_trace());
  }
  if (backend.stats) CountForRollout(context, *backend.stats, http_status, duration, outcome);
}

void LogTransition(const Backend& backend, CircuitBreaker::Transition transition) {
  using Transition = CircuitBreaker::Transition;
  if (transition == Transition::kOpened) {
    spdlog::warn("upstream {}: its circuit breaker opens after {} failures in a row",
                 backend.name(), backend.breaker->failures());
  } else if (transition == Transition::kReopened) {
    spdlog::warn("upstream {}: its circuit breaker stays open, the probe failed", backend.name());
  } else if (transition == Transition::kClosed) {
    spdlog::info("upstream {}: its circuit breaker closes, the probe succeeded", backend.name());
  }
}

}  // namespace

Result<Attempt> Attempt::Begin(RequestContext& context, const Backend& backend) {
  context.backend = &backend;
  auto attempt = BeginNext(context, backend);
  if (attempt) return attempt;
  CountRequest(context, backend, kUnavailable, nanoseconds(0), Outcome::kFailure);
  context.outcome.flag = AccessLogFlag::kCircuitOpen;
  return attempt;
}

Result<Attempt> Attempt::BeginNext(RequestContext& context, const Backend& backend) {
  if (!backend.breaker) return Attempt(context, backend, std::nullopt);
  auto permit = backend.breaker->Admit(steady_clock::now());
  if (!permit) return tl::unexpected(RefusedBy(backend, permit.error()));
  return Attempt(context, backend, *std::move(permit));
}

Attempt::Attempt(RequestContext& context, const Backend& backend,
                 std::optional<CircuitBreaker::Permit> permit)
    : context_(&context),
      backend_(&backend),
      permit_(std::move(permit)),
      is_probe_(permit_ && permit_->is_probe()),
      started_(steady_clock::now()) {
  if (backend.stats && IsReadyToSend(context) && !IsStream(context)) {
    wait_ = backend.stats->BeginWait(started_);
  }
}

nanoseconds Attempt::duration() const { return steady_clock::now() - started_; }

void Attempt::NoteAlive() { Report(Outcome::kSuccess); }

void Attempt::End(Code code, Outcome outcome) {
  if (std::exchange(ended_, true)) return;
  Count(HttpStatusOf(code), outcome);
  if (context_->trace.recording()) ExportCallSpan(*context_, code, duration());
}

void Attempt::EndExchange(int status) {
  if (std::exchange(ended_, true)) return;
  Count(status, OutcomeOfHttpStatus(status));
  if (context_->trace.recording()) ExportExchangeSpan(*context_, status, {}, duration());
}

void Attempt::EndExchange(const Error& failure, DeadlineBy deadline) {
  if (std::exchange(ended_, true)) return;
  Count(failure.HttpStatus(), OutcomeOf(failure.code, deadline));
  if (context_->trace.recording()) {
    ExportExchangeSpan(*context_, std::nullopt, CodeName(failure.code), duration());
  }
}

void Attempt::Count(int http_status, Outcome outcome) {
  outcome_ = outcome;
  CountRequest(*context_, *backend_, http_status, duration(), outcome);
  Report(outcome);
  permit_.reset();
  wait_.reset();
}

void Attempt::Report(Outcome outcome) {
  if (!permit_) return;
  LogTransition(*backend_, permit_->Report(outcome, steady_clock::now()));
}

}  // namespace puente
