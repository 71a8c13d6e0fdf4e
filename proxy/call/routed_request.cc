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
    auto attempt = Attempt::Begin(context_, backend);
    if (!attempt) {
      CountRefusedCall();
      const bool may = MayFallBack(backend);
      if (!may) co_return tl::unexpected(attempt.error());
      co_return co_await FallBack(backend);
    }
    is_probe_ = attempt->is_probe() && MayFallBack(backend);
    context_.body.is_kept = is_probe_ || context_.is_copied;
    const Result<void> served = co_await ServeAt(backend, *attempt);
    const bool recovered = served || !is_probe_ || !ProbeFailed(served.error());
    if (recovered) co_return served;
    co_return co_await FallBack(backend);
  }

 private:
  bool MayFallBack(const Backend& backend) const {
    return policy_.fallback && policy_.fallback->name() != backend.name() &&
           CanServe(*policy_.fallback);
  }

  bool CanServe(const Backend& backend) const { return backend.http || context_.route != nullptr; }

  // A whole body is there to be sent again, or none was sent.
  bool ProbeFailed(const Error& error) const {
    const bool can_repeat = context_.body.is_read || !context_.exchange.head().HasBody();
    return can_repeat && OutcomeOf(error.code) == Outcome::kFailure;
  }

  void CountRefusedCall() {
    if (!context_.backend->grpc || context_.telemetry.cells == nullptr) return;
    context_.served->CallsTo(*context_.backend->grpc)
        .live->Count(*context_.telemetry.cells, Code::kUnavailable, {}, nullptr);
  }

  Task<Result<void>> FallBack(const Backend& from) {
    from.metrics->CountFallback();
    context_.outcome = {};
    auto attempt = Attempt::Begin(context_, *policy_.fallback);
    if (!attempt) {
      CountRefusedCall();
      co_return tl::unexpected(attempt.error());
    }
    co_return co_await ServeAt(*policy_.fallback, *attempt);
  }

  Task<Result<void>> ServeAt(const Backend& backend, Attempt& attempt) {
    const bool is_web_socket = IsWebSocketUpgrade(context_.exchange.head());
    if (backend.grpc && is_web_socket) {
      co_return co_await ServeWebSocketCall(context_, attempt, path_.captures, path_.query);
    }
    if (backend.grpc) {
      co_return co_await ServeTranscodedCall(context_, attempt, path_.captures, path_.query);
    }
    const bool reads_whole = !is_web_socket && ReadsWhole();
    Result<void> read;
    if (reads_whole) read = co_await ReadWholeBody(context_);
    if (!read) co_return read;
    co_return co_await ServeForwardedCall(context_, attempt);
  }

  // What may have to be sent twice, or is copied, is read before it is sent once.
  bool ReadsWhole() const {
    const auto& length = context_.exchange.head().content_length;
    if (!length) return false;
    const bool may_repeat = policy_.retry || is_probe_;
    return (may_repeat && *length <= kMostReplayed) ||
           (context_.is_copied && *length <= policy_.shadow->max_body_bytes);
  }

  RequestContext& context_;
  const RoutePolicy& policy_;
  const BoundPath path_;
  bool is_probe_ = false;  // which the fallback serves if it fails
};

}  // namespace

Task<Result<void>> ServeRouted(RequestContext& context, const BoundPath& path) {
  RoutedRequest request(context, path);
  co_return co_await request.Serve();
}

}  // namespace puente
