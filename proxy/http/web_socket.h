// A client connection that has become a WebSocket (RFC 6455): messages instead of bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/exchange.h"
#include "proxy/http/task.h"
#include "proxy/http/web_socket_handshake.h"

namespace puente {

// Pinned, one thread. One coroutine may read while another one sends; two Reads, or two Sends, must
// not overlap. Close and Cancel may be called while a Read or a Send is under way.
//
//   if (const auto good = CheckWebSocketHandshake(exchange.head()); !good) … Respond
//   WebSocket socket(exchange, options);
//   const bool accepted = co_await socket.Accept();
//   … Read, Send …
//   co_await socket.Close(1000, "");
//
// The client's pings are answered, its Close is answered, and a client that has left is noticed,
// only while a Read is under way: keep one waiting also when no message is expected. Without a Read
// a client that sends is slowed down by TCP; WatchClient notices the end of the connection then.
//
// It is destroyed when no Read, Send or Close is under way, and before its Exchange.
class WebSocket {
 public:
  struct Options {
    std::size_t max_message_bytes = 4194304;  // of one message from the client
    // Of a client that takes nothing of what is sent; it is given up after that.
    std::chrono::nanoseconds write_timeout = std::chrono::seconds(75);
    // A client that is quiet for so long while a Read waits is pinged, and is given up when another
    // interval brings nothing from it either.
    std::chrono::nanoseconds ping_interval = std::chrono::seconds(30);
    std::chrono::nanoseconds close_timeout = std::chrono::seconds(5);  // of Close, all of it
    // For the 101 answer. Those that belong to the handshake or frame a body are left out.
    std::vector<Header> headers;
  };

  enum class Kind { kText, kBinary };

  enum class Event {
    kText,       // a message of UTF-8
    kBinary,     // a message of any bytes
    kClosed,     // the client closed; it has been answered
    kTooLarge,   // above max_message_bytes; the client was closed with 1009
    kViolation,  // not RFC 6455 (closed with 1002), or not UTF-8 (closed with 1007)
    kLost,       // the connection broke, was closed here, or the client was given up
    kCancelled,  // by Cancel
    kQuiet,      // nothing of a message came within the patience of Read
  };
  struct ReadResult {
    Event event = Event::kLost;
    std::uint16_t code = 0;  // of kClosed: the client's, 1005 when it gave none
  };

  // Takes over the connection of `exchange`, whose head has passed CheckWebSocketHandshake, which
  // has not been answered, and which outlives this. Of the exchange only head(), client() and the
  // outcome (status() 101, keep_alive() false) are to be used from now on.
  WebSocket(Exchange& exchange, Options options);
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  // Answers 101. False: the client is gone. To be called once, before anything else.
  Task<bool> Accept();

  // Waits for the next message, and puts all of it into `message`, its fragments joined; whatever
  // else happens leaves `message` empty. After anything but kText and kBinary only Close may
  // follow, and it needs to only after kCancelled and kQuiet. `patience` is for every piece of the
  // message, not for its whole; pings and pongs are none.
  Task<ReadResult> Read(std::string& message,
                        std::chrono::nanoseconds patience = std::chrono::nanoseconds::max());

  // Sends one message in one frame; one of kText must be UTF-8. Completes when the socket has taken
  // it: a slow client slows the caller. False: the client is gone, or it or Close has closed.
  Task<bool> Send(std::string_view message, Kind kind = Kind::kText);

  // While no Read is under way: calls `left` once when the connection ends, until
  // StopWatchingClient. What comes meanwhile is kept for the next Read, a little of it.
  void WatchClient(std::function<void()> left);
  void StopWatchingClient();

  // Calls `end` once when the connection is soon to be cut, at the end of a drain: time to Close.
  void OnGoingAway(std::function<void()> end);

  // Closes in order: waits until a Send under way has ended, says `code` and `reason`, and waits
  // for the client's answer, passing over what else comes, close_timeout at most for all of it;
  // then the connection is cut. A Read under way ends. `reason` is as CloseFrame takes it. Does
  // nothing when the connection is over already.
  Task<> Close(std::uint16_t code, std::string_view reason);

  // Makes the Read that waits, or the next one, return kCancelled at once; it does not touch the
  // connection. Only Send (of what is under way) and Close may follow.
  void Cancel();

 private:
  class Channel;
  const std::shared_ptr<Channel> channel_;  // shared with what is under way on the connection
};

}  // namespace puente
