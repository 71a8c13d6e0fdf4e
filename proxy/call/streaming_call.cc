#include "proxy/call/streaming_call.h"

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "proxy/call/answer_timer.h"
#include "proxy/call/transcoding.h"
#include "proxy/call/upload.h"
#include "proxy/http/event.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// The parts of one call, while it runs.
struct StreamingCall {
  Executor executor;
  GrpcCall& call;
  RequestContext& context;
  RequestMessages& requests;
  AnswerSink& answers;
  nanoseconds answer_timeout;
  Attempt& attempt;
  bool timed_out = false;
};

// Waits for the next answer, and keeps the client from taking the silence for a failure.
Task<bool> Read(StreamingCall& streaming, AnswerTimer& timer) {
  const auto interval = streaming.answers.heartbeat_interval();
  if (interval == std::chrono::nanoseconds::max()) co_return co_await streaming.call.Read();
  bool more = false;
  Event done(streaming.executor);
  asio::co_spawn(streaming.executor, streaming.call.Read(),
                 [&](const std::exception_ptr& failure, bool read) {
                   if (failure) std::rethrow_exception(failure);
                   more = read;
                   done.Set();
                 });
  bool completed = co_await done.WaitFor(interval);
  while (!completed) {
    timer.Stop();
    const bool there = co_await streaming.answers.Heartbeat();
    if (!there || !streaming.answers.wants_more()) streaming.call.Cancel();
    completed = co_await done.WaitFor(interval);
  }
  co_return more;
}

Task<Result<void>> Relay(StreamingCall& streaming, AnswerTimer& timer) {
  Payload payload;
  bool more = co_await Read(streaming, timer);
  while (more) {
    streaming.attempt.NoteAlive();
    if (streaming.answers.streams()) timer.Stop();
    Result<void> passed_on = DecodeMessage(streaming.context, streaming.call.message(), payload);
    if (passed_on) passed_on = co_await streaming.answers.Send(streaming.call, payload);
    const bool enough = !passed_on || !streaming.answers.wants_more();
    if (enough) streaming.call.Cancel();
    if (enough) co_return passed_on;
    more = co_await Read(streaming, timer);
  }
  co_return Result<void>();
}

Task<Result<void>> Run(StreamingCall& streaming) {
  AnswerTimer timer(streaming.executor, streaming.call);
  Event started(streaming.executor);
  Upload upload(streaming.executor, streaming.call, streaming.requests, started, [&] {
    const bool heartbeats_come_first =
        streaming.answers.heartbeat_interval() <= streaming.answer_timeout;
    if (!heartbeats_come_first) timer.Start(streaming.answer_timeout);
  });
  upload.Start();
  AnswerTimer connecting(streaming.executor, streaming.call);
  connecting.Start(streaming.answer_timeout);
  co_await streaming.call.Start();
  connecting.Stop();
  started.Set();
  const Result<void> passed_on = co_await Relay(streaming, timer);
  timer.Stop();
  const bool enough = passed_on && !streaming.answers.wants_more();
  co_await upload.Stop();
  Result<void> end = co_await streaming.call.Finish();
  if (!upload.outcome()) co_return upload.outcome();
  if (!passed_on || enough) co_return passed_on;
  streaming.timed_out = timer.expired() || connecting.expired();
  if (streaming.timed_out) {
    co_return Fail(Code::kDeadlineExceeded, "the upstream did not answer in time");
  }
  co_return end;
}

}  // namespace

Task<Result<void>> RunStreamingCall(RequestContext& context, Attempt& attempt, GrpcCall& call,
                                    RequestMessages& requests, AnswerSink& answers) {
  const nanoseconds timeout =
      IsConversation(*context.route) ? nanoseconds::max() : context.policy->timeout;
  StreamingCall streaming{
      context.exchange.executor(), call, context, requests, answers, timeout, attempt};
  const auto started = steady_clock::now();
  const Result<void> end = co_await Run(streaming);
  attempt.End(end ? Code::kOk : end.error().code,
              streaming.timed_out ? Outcome::kFailure : call.outcome());
  RecordCall(context, end, steady_clock::now() - started);
  co_return end;
}

}  // namespace puente
