// What a stream has for its client, held back for as long as there is more to come at once.
#pragma once

#include <memory>
#include <string>

#include "proxy/http/event.h"
#include "proxy/http/exchange.h"
#include "proxy/http/gzip.h"

namespace puente {

// Messages that come together leave together: what is appended is sent when the worker has nothing
// else to do without waiting, or when it has grown large. Used by one coroutine; `exchange`, whose
// stream has begun when something is appended, outlives it. Flush or Finish must have been called
// before it goes.
class HeldOutput {
 public:
  // With an encoder, what is sent together is compressed together.
  HeldOutput(Exchange& exchange, std::unique_ptr<GzipEncoder> encoder);
  ~HeldOutput() { *is_there_ = false; }
  HeldOutput(const HeldOutput&) = delete;
  HeldOutput& operator=(const HeldOutput&) = delete;

  bool is_compressed() const { return encoder_ != nullptr; }

  // Append here, then call Appended, which waits as long as the client does not take what was sent
  // before. False: the client is gone.
  std::string& bytes() { return bytes_; }
  Task<bool> Appended();

  // Sends what is held. False: the client is gone.
  Task<bool> Flush() { co_return co_await SendAll(GzipEncoder::Flush::kSync); }
  // That, and ends the compressed stream.
  Task<bool> Finish() { co_return co_await SendAll(GzipEncoder::Flush::kFinish); }

 private:
  Task<bool> SendAll(GzipEncoder::Flush flush);
  void SendSoon();
  void SendNow(GzipEncoder::Flush flush);
  Task<> SendRest();
  Task<> AwaitRest();

  Exchange& exchange_;
  const std::unique_ptr<GzipEncoder> encoder_;
  std::string bytes_;
  std::string encoded_;
  bool is_lost_ = false;              // the client is gone
  bool is_scheduled_ = false;         // SendNow is to be called
  std::unique_ptr<Event> rest_sent_;  // while the client does not take it
  const std::shared_ptr<bool> is_there_ = std::make_shared<bool>(true);
};

}  // namespace puente
