// One client connection, from accept to close: reads requests in order, has each answered, and
// keeps the time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "proxy/http/exchange.h"
#include "proxy/http/task.h"

namespace puente {

// Answers requests. One object serves all connections of a worker, on that worker's thread.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  // Answers `exchange`; it has been answered or its client is gone when the task ends.
  virtual Task<> Handle(Exchange& exchange) = 0;
  // Answers a request that could not be read; the connection closes after it. Of the head only what
  // was understood is there.
  virtual Task<> Refuse(Exchange& exchange, const Error& error) = 0;
};

struct SessionOptions {
  RequestLimits request;
  std::chrono::nanoseconds handshake_timeout = std::chrono::seconds(5);
  std::chrono::nanoseconds header_timeout = std::chrono::seconds(
      10);  // for a whole head, from its first byte; for the first one from accept
  std::chrono::nanoseconds idle_timeout = std::chrono::seconds(
      75);  // between requests, and for a client that takes nothing of an answer
  std::uint64_t min_body_rate = 240;
  std::uint64_t max_requests = 0;  // on one connection; 0: any number

  bool operator==(const SessionOptions&) const = default;
};

// Pinned, and owned by its own coroutine. All members belong to the worker's thread.
class Session {
 public:
  // `options`, `handler` and `draining` outlive the session. While `draining`, every answer is its
  // connection's last.
  Session(std::shared_ptr<Connection> connection, const SessionOptions& options,
          RequestHandler& handler, const bool& draining);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Task<> Run();

  Connection& connection() { return *connection_; }
  // Waiting for a request of which nothing has come yet, and which is not about to come: nobody
  // loses anything when it is closed.
  bool idle() const;

 private:
  Task<bool> Handshake();
  Task<bool> ServeOne();
  // True: head_.raw holds a complete head. False: the client closed, or sent nothing in time.
  Task<Result<bool>> ReadHead();
  // A complete head at the front of the input is moved to head_.raw.
  Result<bool> TakeHead(std::size_t seen);
  // Says goodbye to a client that asks nothing more.
  Task<> EndIdle();
  Task<> LingeringClose();

  const std::shared_ptr<Connection> connection_;
  const SessionOptions& options_;
  RequestHandler& handler_;
  const bool& draining_;
  const SteadyTime accepted_ = std::chrono::steady_clock::now();
  ClientInfo client_;
  RequestHead head_;
  std::uint64_t requests_ = 0;
  bool idle_ = true;
};

}  // namespace puente
