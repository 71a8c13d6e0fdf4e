#include "proxy/call/routed_request.h"

#include <utility>

#include "proxy/call/attempt.h"
#include "proxy/call/choose_backend.h"
#include "proxy/call/forwarded_call.h"
#include "proxy/call/request_outcome.h"
#include "proxy/call/transcoded_call.h"
#include "proxy/call/web_socket_call.h"
#include "proxy/http/web_socket_handshake.h"

namespace puente {
namespace {

// Larger bodies are sent as they come, and once. (Those of gRPC calls are read whole anyway.)
constexpr std::uint64_t kMostReplayed = 1 << 20;

class RoutedRequest {
 public:
  RoutedRequest(RequestContext& context, const BoundPath& path)
      : context_(context), policy_(*context.policy), path_(path) {}
  RoutedRequest(const RoutedRequest&) = delete;
  RoutedRequest& operator=(const RoutedRequest&) = delete;

  Task<Result<void>> Serve() {
    const auto& headers = context_.exchange.head().headers;
    const auto chosen = ChooseBackend(policy_, headers, /*only_http=*/context_.route == nullptr);
    if (!chosen) co_return tl::unexpected(chosen.error());
    const Backend& backend = **chosen;
    context_.body.is_kept = context_.is_copied;
    context_.may_fall_back = MayFallBack(backend);
    // A slow client must not take up one of the places that a breaker has, nor be taken for a slow
    // upstream.
    Result<void> read;
    if ((backend.breaker || backend.stats) && ReadsWholeAt(backend))
      read = co_await ReadWholeBody(context_);
    if (!read) co_return read;
    auto attempt = Attempt::Begin(context_, backend);
    if (!attempt) {
      CountRefusedCall();
      if (!context_.may_fall_back) co_return tl::unexpected(attempt.error());
      co_return co_await FallBack(backend);
    }
    context_.body.is_kept = context_.may_fall_back || context_.is_copied;
    const Result<void> served = co_await ServeAt(backend, *attempt);
    const bool falls_back = !served && context_.may_fall_back && FallsBackAfter(*attempt);
    if (!falls_back) co_return served;
    co_return co_await FallBack(backend);
  }

 private:
  bool MayFallBack(const Backend& backend) const {
    return policy_.fallback && policy_.fallback->name() != backend.name() &&
           CanServe(*policy_.fallback);
  }

  bool CanServe(const Backend& backend) const { return backend.http || context_.route != nullptr; }

  // A probe that failed, and what no upstream has seen yet: the breaker may be closed again before
  // all connections are there. A whole body is there to be sent again, or none was sent.
  bool FallsBackAfter(const Attempt& attempt) const {
    const bool can_repeat = context_.body.is_read || !context_.exchange.head().HasBody();
    return can_repeat && attempt.outcome() == Outcome::kFailure &&
           (attempt.is_probe() || context_.outcome.never_reached);
  }

  void CountRefusedCall() {
    if (!context_.backend->grpc || context_.telemetry.cells == nullptr) return;
    context_.served->CallsTo(*context_.backend->grpc)
        .live->Count(*context_.telemetry.cells, Code::kUnavailable, {}, nullptr);
  }

  Task<Result<void>> FallBack(const Backend& from) {
    from.metrics->CountFallback();
    context_.outcome = {};
    context_.may_fall_back = false;
    auto attempt = Attempt::Begin(context_, *policy_.fallback);
    if (!attempt) {
      CountRefusedCall();
      co_return tl::unexpected(attempt.error());
    }
    co_return co_await ServeAt(*policy_.fallback, *attempt);
  }

  // No coroutine: every frame on the way costs each request.
  Task<Result<void>> ServeAt(const Backend& backend, Attempt& attempt) {
    if (backend.http) return Forward(backend, attempt);
    return IsWebSocketUpgrade(context_.exchange.head())
               ? ServeWebSocketCall(context_, attempt, path_.captures, path_.query)
               : ServeTranscodedCall(context_, attempt, path_.captures, path_.query);
  }

  Task<Result<void>> Forward(const Backend& backend, Attempt& attempt) {
    Result<void> read;
    if (ReadsWholeAt(backend)) read = co_await ReadWholeBody(context_);
    if (!read) co_return read;
    co_return co_await ServeForwardedCall(context_, attempt);
  }

  // Whether the body is read to its end before anything is sent.
  bool ReadsWholeAt(const Backend& backend) const {
    if (IsWebSocketUpgrade(context_.exchange.head())) return false;
    return backend.grpc ? TakesOneMessage() : ReadsWhole();
  }

  bool TakesOneMessage() const {
    return !context_.route->method->client_streaming() ||
           context_.route->body == Route::Body::kNone;
  }

  // What may have to be sent twice, or is copied, is read before it is sent once.
  bool ReadsWhole() const {
    const auto& length = context_.exchange.head().content_length;
    if (!length) return false;
    const bool may_repeat = policy_.retry || context_.may_fall_back;
    return (may_repeat && *length <= kMostReplayed) ||
           (context_.is_copied && *length <= policy_.shadow->max_body_bytes);
  }

  RequestContext& context_;
  const RoutePolicy& policy_;
  const BoundPath path_;
};

}  // namespace

Task<Result<void>> ServeRouted(RequestContext& context, const BoundPath& path) {
  RoutedRequest request(context, path);
  co_return co_await request.Serve();
}

}  // namespace puente
