// A TCP server that sends what a test tells it to, be it HTTP or not. It shares no code with the
// product.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/certificates.h"

namespace puente::test {

// Listens at 127.0.0.1 from construction on. Each connection has a thread, which runs the script
// and closes the connection when the script returns.
class RawServer {
 public:
  class Connection;
  // Whatever a connection's functions throw ends the script.
  using Script = std::function<void(Connection&)>;

  struct Tls {
    KeyPair certificate;
    std::string client_ca;  // "": clients need no certificate
  };

  // `port`: 0 for any that is free.
  explicit RawServer(Script script, std::optional<Tls> tls = std::nullopt, std::uint16_t port = 0);
  // Closes all connections and waits for the scripts.
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::uint16_t port() const;
  // "127.0.0.1:12345"
  std::string address() const;
  // How many connections there have been, how many there are, and how many requests ReadHead has
  // read of all of them.
  std::size_t connection_count() const;
  std::size_t open_count() const;
  std::size_t request_count() const;
  // The server name that the last client asked for by TLS (SNI).
  std::string server_name() const;

  // A port of 127.0.0.1 where nobody listens.
  static std::uint16_t UnusedPort();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What a script does with its connection; on the script's thread. Functions that wait throw
// std::runtime_error when the client closes, or when nothing comes within kPatience.
class RawServer::Connection {
 public:
  virtual ~Connection() = default;

  // The connection's number, from 0.
  virtual std::size_t number() const = 0;

  // The next bytes up to an empty line, with it.
  virtual std::string ReadHead() = 0;
  // The next bytes up to `end`, with it.
  virtual std::string ReadUntil(std::string_view end) = 0;
  virtual std::string ReadExactly(std::size_t bytes) = 0;
  // Waits until the client closes; what comes before is dropped.
  virtual void AwaitClose() = 0;
  // Waits for something to be true that other threads bring about.
  virtual void Await(const std::function<bool()>& condition) = 0;

  virtual void Send(std::string_view bytes) = 0;
  // Each byte by itself.
  virtual void SendBytewise(std::string_view bytes) = 0;
  // Closes with a RST when the script returns.
  virtual void ResetOnClose() = 0;
};

}  // namespace puente::test
