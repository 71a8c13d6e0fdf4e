#include "proxy/call/transcoded_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "proxy/call/access_log_entry.h"
#include "proxy/call/call_input.h"
#include "proxy/call/request_body.h"
#include "proxy/call/request_diagnostics.h"
#include "proxy/call/request_messages.h"
#include "proxy/call/response_headers.h"
#include "proxy/call/single_answer.h"
#include "proxy/call/stream_response.h"
#include "proxy/call/streaming_call.h"
#include "proxy/call/transcoding.h"
#include "proxy/call/unary_call.h"
#include "proxy/call/whole_body.h"
#include "transcoder/metadata.h"
#include "transcoder/request_type.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

class TranscodedCall {
 public:
  TranscodedCall(RequestContext& context, Attempt& attempt, CallInput input,
                 std::string_view content_type)
      : context_(context),
        attempt_(attempt),
        route_(*context.route),
        input_(std::move(input)),
        content_type_(content_type) {}
  TranscodedCall(const TranscodedCall&) = delete;
  TranscodedCall& operator=(const TranscodedCall&) = delete;

  Task<Result<void>> Serve() {
    const bool takes_stream =
        route_.method->client_streaming() && route_.body != Route::Body::kNone;
    if (takes_stream) co_return co_await ServeBodyStream();

    const auto known = RequestBody::Open(context_.exchange, context_.snapshot->body_limits());
    if (!known) co_return tl::unexpected(known.error());
    Result<void> read;
    if (context_.exchange.head().HasBody()) read = co_await ReadWholeBody(context_);
    if (!read) co_return read;
    const auto body = MeaningOfBody(context_);
    if (!body) co_return tl::unexpected(body.error());
    auto message = EncodeMessage(context_, input_.target, {content_type_, *body});
    if (!message) co_return tl::unexpected(message.error());
    context_.body.Forget();
    if (IsUnary(route_)) co_return co_await ServeUnary(*std::move(message));
    SingleMessage messages(context_.exchange, *std::move(message));
    co_return co_await ServeStreaming(messages);
  }

 private:
  Task<Result<void>> ServeBodyStream() {
    auto body = RequestBody::Open(context_.exchange, context_.snapshot->body_limits());
    if (!body) co_return tl::unexpected(body.error());
    const auto type = CheckStreamType(route_, content_type_);
    if (!type) co_return type;
    // Now: later an answer may be on its way.
    const bool there = co_await context_.exchange.SendContinue();
    if (!there) co_return Fail(Code::kCancelled, "the client went away");
    const auto messages =
        MakeBodyMessages(context_, input_.target, content_type_, *std::move(body));
    co_return co_await ServeStreaming(*messages);
  }

  // A unary call has the route's timeout, or less when the client asks for less.
  Task<Result<void>> ServeUnary(std::string message) {
    const nanoseconds route_timeout = context_.policy->timeout;
    const bool of_client = input_.client_timeout && *input_.client_timeout < route_timeout;
    const auto deadline = DeadlineAfter(of_client ? *input_.client_timeout : route_timeout);
    if (!deadline) co_return tl::unexpected(deadline.error());
    UnaryCall call(context_, attempt_, input_.metadata,
                   {**deadline, of_client ? DeadlineBy::kClient : DeadlineBy::kRoute});
    const Result<void> answered = co_await call.Run(std::move(message));
    if (!answered && !call.answer()) co_return answered;
    if (!answered) co_return FailedCall(context_, answered.error(), *call.answer());
    Payload payload;
    const Result<void> decoded = DecodeMessage(context_, call.answer()->message(), payload);
    if (!decoded) co_return decoded;
    co_return co_await Respond(*call.answer(), std::move(payload));
  }

  // A stream may go on for as long as it has something to say: only the client bounds the whole.
  Task<Result<void>> ServeStreaming(RequestMessages& messages) {
    const auto deadline = DeadlineAfter(input_.client_timeout);
    if (!deadline) co_return tl::unexpected(deadline.error());
    GrpcCall call(*context_.backend->grpc, context_.lane, route_.grpc_path, input_.metadata,
                  *deadline, DeadlineBy::kClient);
    if (!route_.method->server_streaming()) co_return co_await AnswerOnce(call, messages);
    co_return co_await AnswerStream(call, messages);
  }

  Task<Result<void>> AnswerOnce(GrpcCall& call, RequestMessages& messages) {
    SingleAnswer answer;
    const Result<void> end = co_await RunStreamingCall(context_, attempt_, call, messages, answer);
    Result<Payload> payload = answer.Take(end);
    if (!payload) co_return FailedCall(context_, payload.error(), call);
    co_return co_await Respond(call, *std::move(payload));
  }

  Task<Result<void>> AnswerStream(GrpcCall& call, RequestMessages& messages) {
    StreamResponse response(context_);
    const Result<void> end =
        co_await RunStreamingCall(context_, attempt_, call, messages, response);
    if (!end && !response.begun()) co_return FailedCall(context_, end.error(), call);
    if (end) {
      co_await response.End(call);
    } else {
      LogFailure(end.error());
      co_await response.Fail(end.error());
    }
    co_return Result<void>();
  }

  // Clients that leave are no reason to warn.
  void LogFailure(const Error& error) const {
    const std::string message = fmt::format("{} failed after its first message: {}",
                                            route_.Describe(), CodeName(error.code));
    if (error.code == Code::kCancelled) {
      LogRequest(config::Log::LEVEL_DEBUG, IdsOf(context_), message);
    } else {
      WarnOfFailure(context_, message);
    }
  }

  Task<Result<void>> Respond(const GrpcCall& call, Payload payload) {
    if (payload.bytes.size() > context_.snapshot->max_response_body_bytes()) {
      co_return Fail(Code::kInternal, "the answer is larger than the limit");
    }
    const std::vector<MetadataView> metadata = AllMetadata(call);
    Response response;
    response.status = HttpCodeOverride(metadata).value_or(200);
    response.content_type = std::move(payload.content_type);
    response.headers = HeadersOf(context_, metadata);
    response.body = std::move(payload.bytes);
    context_.answer.Keep(response.status, response.content_type, response.body);
    context_.compressor.Compress(context_.exchange.head().headers, response);
    co_await context_.exchange.Respond(std::move(response));
    co_return Result<void>();
  }

  RequestContext& context_;
  Attempt& attempt_;
  const Route& route_;
  CallInput input_;
  const std::string_view content_type_;
};

}  // namespace

Task<Result<void>> ServeTranscodedCall(RequestContext& context, Attempt& attempt,
                                       std::span<const std::string> captures,
                                       std::string_view query) {
  auto input = ReadCallInput(context, captures, query);
  if (!input) co_return tl::unexpected(input.error());
  const auto content_type = ContentTypeOf(context.exchange.head().headers);
  if (!content_type) co_return tl::unexpected(content_type.error());
  TranscodedCall call(context, attempt, *std::move(input), *content_type);
  co_return co_await call.Serve();
}

}  // namespace puente
