// What a stream has for its client, held back for a moment where more is likely to come.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "proxy/http/event.h"
#include "proxy/http/exchange.h"
#include "proxy/http/gzip.h"

namespace puente {

// Messages that come together leave together. What is appended is sent as soon as the worker has
// nothing else to do without waiting; what follows within `pause` of that is sent at its end, or
// when it has grown large. So messages that are further apart are not delayed at all, and closer
// ones by less than the pause, at a fraction of the cost. Used by one coroutine; `exchange`, whose
// stream has begun when something is appended, outlives it. Flush or Finish must have been called
// before it goes.
class HeldOutput {
 public:
  // With an encoder, what is sent together is compressed together.
  HeldOutput(Exchange& exchange, std::unique_ptr<GzipEncoder> encoder,
             std::chrono::milliseconds pause);
  ~HeldOutput() { *is_there_ = false; }
  HeldOutput(const HeldOutput&) = delete;
  HeldOutput& operator=(const HeldOutput&) = delete;

  bool is_compressed() const { return encoder_ != nullptr; }

  // Append here, then call Appended, which waits as long as the client does not take what was sent
  // before. False: the client is gone.
  std::string& bytes() { return bytes_; }
  Task<bool> Appended();

  // Sends what is held. False: the client is gone.
  Task<bool> Flush();
  // Sends what is held, and ends the stream. False: the client is gone.
  Task<bool> Finish();

 private:
  using Clock = std::chrono::steady_clock;

  void SendSoon();
  void SendScheduled();
  void Encode(GzipEncoder::Flush flush);
  void SendNow();
  Task<> SendRest();
  Task<> AwaitRest();

  Exchange& exchange_;
  const std::unique_ptr<GzipEncoder> encoder_;
  const std::chrono::milliseconds pause_;
  std::string bytes_;
  std::string encoded_;
  bool is_lost_ = false;              // the client is gone
  bool is_scheduled_ = false;         // SendNow is to be called
  Clock::time_point paused_until_{};  // nothing is sent before, if it need not
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer_;
  std::unique_ptr<Event> rest_sent_;  // while the client does not take it
  const std::shared_ptr<bool> is_there_ = std::make_shared<bool>(true);
};

}  // namespace puente
