// What is behind a WebSocket: Boost.Beast's stream.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/http/connection_stream.h"
#include "proxy/http/event.h"
#include "proxy/http/web_socket.h"

namespace puente {

// Beast's stream and what is under way on it: every handler keeps it, since a Read that was
// cancelled goes on after the WebSocket is gone, until the connection ends.
class WebSocket::Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(Exchange& exchange, Options options)
      : exchange_(exchange),
        options_(std::move(options)),
        stream_(exchange.SwitchProtocols().shared_from_this(), options_.write_timeout),
        ping_timer_(stream_.get_executor()) {
    stream_.read_message_max(std::max<std::size_t>(options_.max_message_bytes, 1));
    stream_.auto_fragment(false);
  }

  Task<bool> Accept();
  Task<ReadResult> Read(std::string& message, std::chrono::nanoseconds patience);
  Task<bool> Send(std::string_view message, Kind kind);
  Task<> Close(std::uint16_t code, std::string_view reason);
  void Cancel();
  void Release();
  Connection& connection() { return stream_.next_layer().connection(); }

 private:
  void CloseIfBroken(boost::system::error_code ec);

  void ReadSome();
  void OnReadSome(boost::system::error_code ec, std::size_t bytes);
  // False: nothing of a message came for so long.
  Task<bool> AwaitMessage(std::chrono::nanoseconds patience);
  ReadResult ResultOf(boost::system::error_code ec);

  Task<bool> CloseBefore(SteadyTime end, std::string frame);
  // Waits until it is so. False: the connection ended, or the time did.
  Task<bool> Await(bool (Channel::*is_so)() const, SteadyTime end);
  void WakeCloser();
  bool HasSent() const { return !sending_; }
  bool HasStoppedWriting() const { return stream_.next_layer().writing_stopped(); }
  bool HasEnded() const { return ended_; }

  void SchedulePing(SteadyTime when);
  void OnPingTimer();
  void Ping();
  void StopPinging();

  Exchange& exchange_;
  const Options options_;
  boost::beast::websocket::stream<ConnectionStream, false> stream_;
  std::string message_;  // what has come of it
  std::array<char, 8192> received_;
  std::optional<ReadResult> result_;
  std::optional<puente::Event> wake_reader_;
  std::optional<puente::Event> wake_closer_;
  SteadyTime last_payload_;
  bool reading_ = false;
  bool sending_ = false;
  bool cancelled_ = false;
  bool closing_ = false;
  bool said_close_ = false;
  bool ended_ = false;  // nothing can be read any more
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      ping_timer_;
  SteadyTime quiet_since_;
  bool may_ping_ = false;
  bool ping_under_way_ = false;
};

}  // namespace puente
