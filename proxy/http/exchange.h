// One request and the answer to it, as a handler sees them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/connection.h"
#include "proxy/http/request_head.h"
#include "proxy/http/request_parser.h"
#include "proxy/http/response.h"
#include "proxy/http/task.h"

namespace puente {

// The one who speaks on the other end.
struct ClientInfo {
  std::string address;   // without the port; "" for a Unix socket
  std::string identity;  // the SAN of its verified certificate; "" without one
  bool tls = false;
};

struct ExchangeOptions {
  std::chrono::nanoseconds write_timeout;  // without any progress
  std::uint64_t min_body_rate =
      240;                     // bytes/s that a request body must come with, from 5 s on; 0: any
  bool may_keep_alive = true;  // false: this answer is the connection's last
  const bool& draining;        // while it is true, so is every answer
};

// Lives from a request's head to the end of its answer. One thread.
//
// A handler reads the body or not, and then answers once: with Respond, or with BeginStream, any
// number of WriteStream, and EndStream or AbortStream. An answer to HEAD is given like one to GET;
// its body is not sent.
class Exchange {
 public:
  Exchange(Connection& connection, RequestParser& parser, const RequestHead& head,
           const ClientInfo& client, const ExchangeOptions& options);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Executor executor() { return connection_.transport().executor(); }
  const RequestHead& head() const { return head_; }
  const ClientInfo& client() const { return client_; }
  // In bytes per second, from 5 s on; 0: any. ReadBody sees to it, ReadBodySome does not.
  std::uint64_t min_body_rate() const { return options_.min_body_rate; }

  // The whole body, bounded by the parser's limit; "" when there is none. Sends "100 Continue"
  // first where the client waits for it. Errors: 400, 413, 408 (slower than min_body_rate), 499
  // (the client left). May be called once.
  Task<Result<std::string>> ReadBody();

  // Sends "100 Continue" where the client waits for it. Reading the body does so as well; but then
  // nothing else may be written meanwhile. False: the client is gone.
  Task<bool> SendContinue();

  // 413 where the head announces a body over the limit; ReadBody asks by itself.
  Result<void> CheckBodyLength() const;
  // From here on the body may be of any size.
  void LiftBodyLimit() { parser_.LiftBodyLimit(); }
  // In place of ReadBody: appends what has come of the body since, and waits for it when there is
  // nothing. False: the body is complete. Errors: 400, 408 (nothing came within `patience`), 413,
  // 499 (the client left, or InterruptBody).
  Task<Result<bool>> ReadBodySome(std::string& body, std::chrono::nanoseconds patience);
  // Ends a ReadBodySome that waits. The body can't be read any more.
  void InterruptBody();

  // Calls `left` once if the client closes, until StopWatchingClient. Reads ahead from now on: call
  // it after ReadBody.
  void WatchClient(std::function<void()> left);
  void StopWatchingClient();

  // Headers that the answer has, whatever it is.
  void AddHeader(std::string_view name, std::string_view value);
  void AddHeaders(std::vector<Header> headers);

  Task<> Respond(Response response);

  // The head of an answer. It leaves with what is sent first. Without a `length` that is not known;
  // with one, exactly as much must be written before EndStream.
  void BeginStream(int status, std::string_view content_type, std::vector<Header> headers,
                   std::optional<std::uint64_t> length = std::nullopt);
  // These return false when the client is gone. Sends `bytes` at once, and waits until the
  // connection has taken them: a slow client slows the caller.
  Task<bool> WriteStream(std::string_view bytes);
  // The same without waiting. False: the connection took only some of it, or is lost; the rest is
  // kept, and WriteStreamRest must follow before anything else is sent.
  bool WriteStreamNow(std::string_view bytes);
  Task<bool> WriteStreamRest();
  // Sends the last bytes, and the end.
  Task<bool> EndStream(std::string_view last = {});
  // Cuts the body so that no client takes it for complete, and the connection with it.
  void AbortStream();

  // Answers 101 in the name of another protocol, and gives it the connection for good: of the
  // exchange nothing but its outcome may be used after that.
  Connection& SwitchProtocols();

  // What became of it, for metrics and logs. 499: the client went away before there was an answer.
  int status() const { return status_ != 0 ? status_ : 499; }
  // Bytes of the bodies as they were on the wire, without the framing of chunks. What was sent of a
  // piece that could not be sent whole is left out.
  std::uint64_t body_received() const { return parser_.body_bytes(); }
  std::uint64_t body_sent() const { return body_sent_; }
  // What kept the client from getting the whole answer, when that was not the handler's choice.
  enum class Loss {
    kNone,
    kClientLeft,
    kClientSlow,  // it took nothing for too long
    kShutdown,    // the connection was cut since the proxy ends
  };
  Loss loss() const { return connection_.was_cut() ? Loss::kShutdown : loss_; }

  // After the answer: whether another request may follow on this connection, and reading what is
  // left of this one's body until then.
  bool keep_alive() const { return keep_alive_ && !connection_.closed(); }
  bool BodyComplete() const { return parser_.BodyComplete(); }
  Task<bool> DrainBody();

 private:
  // Takes from the body what has been received.
  Result<void> TakeBody(std::string& body);
  // Waits for more of the body until `deadline`.
  Task<Result<void>> AwaitBody(SteadyTime deadline);
  // When the rate is too low of what came since `started`, when `before` bytes had been received.
  SteadyTime BodyDeadline(SteadyTime started, std::uint64_t before) const;
  bool CanDrainBody() const;
  void DecideKeepAlive();
  void ReadBodyPieces();
  void FrameStream(std::string_view bytes);
  bool SendFramed();
  Task<bool> Send(std::string_view head, std::string_view body);
  void NoteLoss();

  Connection& connection_;
  RequestParser& parser_;
  const RequestHead& head_;
  const ClientInfo& client_;
  const ExchangeOptions& options_;
  std::vector<Header> headers_;
  std::string output_;       // reused for heads and chunks
  std::string stream_head_;  // until it has left
  std::string_view unsent_;  // of output_: what WriteStreamNow could not send
  std::size_t unsent_body_bytes_ = 0;
  BodyFraming stream_framing_ = BodyFraming::kChunked;
  std::uint64_t body_received_ = 0;  // with the framing of chunks
  std::uint64_t body_sent_ = 0;
  Loss loss_ = Loss::kNone;
  int status_ = 0;
  bool keep_alive_ = true;
  bool continue_sent_ = false;
  bool body_interrupted_ = false;
};

}  // namespace puente
