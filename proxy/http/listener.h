// Accepts connections and spreads them over the workers.
#pragma once

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "proxy/http/connection_registry.h"
#include "proxy/http/session.h"

namespace puente {

// Where sessions run: one of these per worker. All members but the first two are used on the
// worker's thread only.
struct SessionHost {
  Executor executor;
  std::function<void(std::function<void()>)> post;  // runs a function on the worker's thread, soon
  ConnectionRegistry& connections;
  RequestHandler& handler;
  const bool& draining;
};

// The connections of all listeners together. Thread-safe.
struct ConnectionLimit {
  std::uint64_t max = 10000;
  std::atomic<std::uint64_t> open{0};
};

// Told of connections, on any thread.
struct ConnectionObserver {
  std::function<void()> opened;
  std::function<void()> closed;
  std::function<void()> rejected;  // over the limit
};

// Pinned and shared: by its owner, by its accept loop, and by the connections that came from it.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, Executor>;

  // Binds and listens on `address` ("127.0.0.1:8080", "[::]:8080", "unix:/run/puente.sock");
  // accepts nothing yet. The error says why it can't. A Unix socket file that nobody listens on is
  // replaced.
  static tl::expected<std::shared_ptr<Listener>, std::string> Open(Executor executor,
                                                                   const std::string& address);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  struct Serving {
    std::span<SessionHost> hosts;  // connections go to them in turn
    std::shared_ptr<const SessionOptions> options;
    std::shared_ptr<asio::ssl::context> tls;  // nullptr: plain text
    ConnectionLimit* limit;
    ConnectionObserver observer;
  };
  // Begins to accept; on the executor's thread. Everything that `serving` refers to outlives the
  // listener's connections.
  void Start(Serving serving);

  // Connections that come from now on are served with these; those that are open keep what they
  // have. On the executor's thread, after Start.
  void Reconfigure(std::shared_ptr<const SessionOptions> options,
                   std::shared_ptr<asio::ssl::context> tls);

  // Accepts the connections that are waiting for it, and lets no more come: Close would reset those
  // that wait then. On the executor's thread, after Start.
  void AcceptLast();
  // Stops accepting. On the executor's thread.
  void Close();

  // The TCP port that was bound (for ":0"); 0 for a Unix socket.
  std::uint16_t port() const { return port_; }
  // What was bound, as `address` was written, with the port in place of 0.
  std::string BoundAddress() const;

 private:
  Listener(Acceptor acceptor, std::string address, std::string unix_path);
  // `self` is this, kept until the coroutine ends.
  Task<> Accept(std::shared_ptr<Listener> self);
  Task<> ServeConnection(std::shared_ptr<Listener> self, StreamSocket socket, SessionHost& host,
                         std::shared_ptr<const SessionOptions> options,
                         std::shared_ptr<asio::ssl::context> tls);
  bool AcceptNow();
  SessionHost& NextHost();
  void Launch(StreamSocket socket, SessionHost& host);

  Acceptor acceptor_;
  const std::string address_;
  const std::string unix_path_;
  std::uint16_t port_ = 0;
  Serving serving_{};
  std::size_t next_host_ = 0;
};

}  // namespace puente
