// A Connection as Boost.Beast wants its streams.
#pragma once

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_prefix.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "proxy/http/connection.h"

namespace puente {

// An AsyncReadStream and AsyncWriteStream: reads what the connection has received already, then
// what comes; one read and one write may be under way together. It must not be destroyed or moved
// while one is. A write ends when all of its bytes are sent, up to the first 16384 of several
// buffers. One thread.
class ConnectionStream {
 public:
  using executor_type = Executor;

  // A write without any progress for `write_timeout` ends the connection.
  ConnectionStream(std::shared_ptr<Connection> connection, std::chrono::nanoseconds write_timeout)
      : connection_(std::move(connection)), write_timeout_(write_timeout) {}

  Executor get_executor() { return connection_->transport().executor(); }
  Connection& connection() { return *connection_; }

  // Calls `stopped` once, as soon as no write is under way, perhaps from within. What is written
  // from then on is dropped, and the writer told that it was sent.
  void StopWriting(std::function<void()> stopped);
  bool writing_stopped() const { return writing_stopped_; }
  // When bytes came from the client last.
  SteadyTime last_read() const { return last_read_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, Signature>(
        [this, into = asio::mutable_buffer(boost::beast::buffers_front(buffers))](auto handler) {
          StartRead(into, Shared(std::move(handler)));
        },
        token);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, Signature>(
        [this, bytes = Gather(buffers)](auto handler) {
          StartWrite(bytes, Shared(std::move(handler)));
        },
        token);
  }

 private:
  using Signature = void(boost::system::error_code, std::size_t);
  using Handler = std::function<Signature>;

  // A frame's head and a short payload leave as one TCP segment and one TLS record.
  static constexpr std::size_t kGatherSize = 16384;

  template <class MoveOnlyHandler>
  static Handler Shared(MoveOnlyHandler handler) {
    return [shared = std::make_shared<MoveOnlyHandler>(std::move(handler))](
               boost::system::error_code ec, std::size_t bytes) {
      // Beast's handlers free their own memory before they go on.
      MoveOnlyHandler once = std::move(*shared);
      std::move(once)(ec, bytes);
    };
  }

  template <class Buffers>
  asio::const_buffer Gather(const Buffers& buffers) {
    const asio::const_buffer front = boost::beast::buffers_front(buffers);
    const std::size_t size = asio::buffer_size(buffers);
    if (front.size() == size) return front;
    outgoing_.resize(std::min(size, kGatherSize));
    asio::buffer_copy(asio::buffer(outgoing_), buffers);
    return asio::buffer(outgoing_);
  }

  void StartRead(asio::mutable_buffer into, Handler done);
  void StartWrite(asio::const_buffer bytes, Handler done);
  void WriteRest(asio::const_buffer rest, std::size_t written, Handler done);
  void EndWrite();
  std::size_t TakeInput(asio::mutable_buffer into);

  const std::shared_ptr<Connection> connection_;
  const std::chrono::nanoseconds write_timeout_;
  bool writing_ = false;
  bool writing_stopped_ = false;
  std::function<void()> on_writing_stopped_;
  SteadyTime last_read_ = std::chrono::steady_clock::now();
  std::string outgoing_;
};

// The close handshake is over when Beast asks for the end of the connection, which is the session's
// to bring about: it lingers, so that the Close frame is not lost to a TCP reset.
template <class Handler>
void async_teardown(boost::beast::role_type, ConnectionStream& stream, Handler&& handler) {
  asio::post(stream.get_executor(),
             [handler = std::forward<Handler>(handler)]() mutable { handler({}); });
}

// Beast's own time-outs, which are off, would use it.
inline void beast_close_socket(ConnectionStream& stream) { stream.connection().Close(); }

}  // namespace puente
