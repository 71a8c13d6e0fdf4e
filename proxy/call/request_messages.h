// The messages that a client sends for one call, as they come.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/call/request_body.h"
#include "proxy/call/request_context.h"
#include "proxy/http/event.h"
#include "transcoder/message_splitter.h"

namespace puente {

// How long a client that has messages to send may send nothing. One that only sends is expected to;
// in a conversation it may be quiet for as long as it likes.
std::chrono::nanoseconds PatienceOf(const RequestContext& context);

// A serialized message.
struct RequestMessage {
  std::string bytes;
  bool last = false;  // it is known that no other follows
};

// nullopt: the client has sent them all. An error is the client's, and ends the call.
using NextMessage = Result<std::optional<RequestMessage>>;

// Used by one coroutine, save Interrupt.
class RequestMessages {
 public:
  virtual ~RequestMessages() = default;

  virtual Task<NextMessage> Next() = 0;
  // While nothing else is waited for: calls `left` once if the client goes away, until
  // StopWatching. Where only reading would tell, nothing is noticed.
  virtual void Watch(std::function<void()> /*left*/) {}
  virtual void StopWatching() {}
  // After the last one: waits until the client goes away, or does what it must not; that is what
  // the error says. A client that may go without harm is waited for until Interrupt.
  virtual Task<Error> AwaitDeparture() = 0;
  // Ends what waits, with an error; nothing may be waited for after that.
  virtual void Interrupt() = 0;
};

// The client sends its messages in the body of an HTTP request.
class HttpRequestMessages : public RequestMessages {
 public:
  void Watch(std::function<void()> left) override { exchange_.WatchClient(std::move(left)); }
  void StopWatching() override { exchange_.StopWatchingClient(); }
  Task<Error> AwaitDeparture() override;
  void Interrupt() override;

 protected:
  explicit HttpRequestMessages(Exchange& exchange)
      : exchange_(exchange), departed_(exchange.executor()) {}

 private:
  Exchange& exchange_;
  Event departed_;
};

// One message that is there already.
class SingleMessage final : public HttpRequestMessages {
 public:
  SingleMessage(Exchange& exchange, std::string message)
      : HttpRequestMessages(exchange), message_(std::move(message)) {}

  Task<NextMessage> Next() override;

 private:
  std::string message_;
};

// The messages of a streamed body, whose media type CheckStreamType finds good: a
// JSON array, JSON texts one after another, or, where the route binds a google.api.HttpBody, any
// bytes, in as many messages as they come in. `context` and `target` outlive it.
std::unique_ptr<RequestMessages> MakeBodyMessages(RequestContext& context,
                                                  const BoundTarget& target,
                                                  std::string_view content_type, RequestBody body);

}  // namespace puente
