#include "proxy/call/held_output.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <exception>
#include <utility>

namespace puente {
namespace {

// What is held at most, and a message more.
constexpr std::size_t kMostHeld = 65536;

}  // namespace

HeldOutput::HeldOutput(Exchange& exchange, std::unique_ptr<GzipEncoder> encoder,
                       std::chrono::milliseconds pause)
    : exchange_(exchange),
      encoder_(std::move(encoder)),
      pause_(pause),
      timer_(exchange.executor()) {}

Task<bool> HeldOutput::Appended() {
  if (rest_sent_) co_await AwaitRest();
  if (bytes_.size() >= kMostHeld) {
    SendNow();
    if (rest_sent_) co_await AwaitRest();
  } else if (!is_scheduled_) {
    SendSoon();
  }
  co_return !is_lost_;
}

Task<bool> HeldOutput::Flush() {
  if (rest_sent_) co_await AwaitRest();
  SendNow();
  if (rest_sent_) co_await AwaitRest();
  co_return !is_lost_;
}

Task<bool> HeldOutput::Finish() {
  if (rest_sent_) co_await AwaitRest();
  if (is_lost_) co_return false;
  Encode(GzipEncoder::Flush::kFinish);
  const std::string last = std::exchange(bytes_, {});
  co_return co_await exchange_.EndStream(last);
}

void HeldOutput::SendSoon() {
  is_scheduled_ = true;
  if (Clock::now() >= paused_until_) {
    // Handlers that are posted run before the worker waits, and after all that has completed.
    asio::post(exchange_.executor(), [this, is_there = is_there_] {
      if (*is_there) SendScheduled();
    });
  } else {
    timer_.expires_at(paused_until_);
    timer_.async_wait([this, is_there = is_there_](boost::system::error_code) {
      if (*is_there) SendScheduled();
    });
  }
}

void HeldOutput::SendScheduled() {
  is_scheduled_ = false;
  if (rest_sent_ || bytes_.empty()) return;
  SendNow();
  paused_until_ = Clock::now() + pause_;
}

void HeldOutput::Encode(GzipEncoder::Flush flush) {
  if (!encoder_) return;
  encoded_.clear();
  encoder_->Encode(bytes_, encoded_, flush);
  bytes_.swap(encoded_);
}

void HeldOutput::SendNow() {
  Encode(GzipEncoder::Flush::kSync);
  const bool sent = is_lost_ || exchange_.WriteStreamNow(bytes_);
  bytes_.clear();
  if (sent) return;
  rest_sent_ = std::make_unique<Event>(exchange_.executor());
  asio::co_spawn(exchange_.executor(), SendRest(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

Task<> HeldOutput::SendRest() {
  const bool sent = co_await exchange_.WriteStreamRest();
  is_lost_ = !sent;
  rest_sent_->Set();
}

Task<> HeldOutput::AwaitRest() {
  co_await rest_sent_->Wait();
  rest_sent_.reset();
}

}  // namespace puente
