// The half of a forwarded call that sends: the client's body goes on to the upstream as it comes.
#pragma once

#include <chrono>
#include <functional>

#include "proxy/http/event.h"
#include "proxy/http/exchange.h"
#include "proxy/http/task.h"
#include "proxy/upstream/http_call.h"
#include "transcoder/error.h"

namespace puente {

// Runs beside the one who reads the answer, on the same thread. What it is made of outlives it;
// Stop must have been awaited when it goes.
class ForwardUpload {
 public:
  // `patience` is how long the client may send nothing. `complete` is called when the upstream has
  // got the whole body.
  ForwardUpload(Exchange& exchange, HttpCall& call, std::chrono::nanoseconds patience,
                std::function<void()> complete);
  ForwardUpload(const ForwardUpload&) = delete;
  ForwardUpload& operator=(const ForwardUpload&) = delete;

  void Start();
  // Ends it, if it has not ended by itself, and waits for that.
  Task<> Stop();

  // What kept the body from being read; the call was cancelled then.
  const Result<void>& outcome() const { return outcome_; }

 private:
  Task<> Run();
  Task<Result<bool>> SendSome();
  std::chrono::nanoseconds Patience() const;

  Exchange& exchange_;
  HttpCall& call_;
  const std::chrono::nanoseconds patience_;
  const std::function<void()> complete_;
  std::chrono::nanoseconds waited_{};  // for the client
  bool stopping_ = false;
  bool sent_all_ = false;
  Result<void> outcome_;
  Event done_;
};

}  // namespace puente
