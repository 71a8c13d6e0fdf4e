#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "bench/load/answer_reader.h"

namespace puente::bench {

using Clock = std::chrono::steady_clock;

// One keep-alive connection to the proxy, with at most one request under way. Throws
// std::runtime_error on anything that makes a measurement worthless: the connection ends, an answer
// is no HTTP or not a 200.
class Connection {
 public:
  // Connects to 127.0.0.1:`port`, and reports to `epoll` with this object's address.
  Connection(std::uint16_t port, int epoll);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `request` must stay until the answer is there. `due`: when it was to be sent.
  void Send(std::string_view request, Clock::time_point due);

  // The socket is readable or writable. True when the answer is complete.
  bool Proceed();

  Clock::time_point due() const { return due_; }

 private:
  void WriteRest();

  int socket_;
  std::string_view unsent_;
  AnswerReader answer_;
  Clock::time_point due_;
};

}  // namespace puente::bench
