// A blocking client connection, plain or over TLS, whose every wait has a deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/support/wait_until.h"

namespace puente::test {

// Thrown by the client for what a test did not expect: a deadline that passed, a connection that
// ended, an answer that is not HTTP. GoogleTest reports it as the failure of the test.
struct ClientError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ClientTls {
  std::string ca;           // PEM file that the server's certificate must chain to
  std::string certificate;  // PEM files of the client's own; empty: none
  std::string private_key;
  std::string server_name = "localhost";  // sent as SNI; the certificate must be for it
  int max_version = 0;                    // TLS1_2_VERSION and the like; 0: the newest
};

struct ClientOptions {
  std::optional<ClientTls> tls;
  std::chrono::milliseconds patience = kPatience;  // of each operation
  int receive_buffer_bytes = 0;  // SO_RCVBUF, to be a slow reader; 0: the system's default
};

// Not to be shared between threads.
class ClientSocket {
 public:
  // Connects to 127.0.0.1:`port` and shakes hands. Throws ClientError when that is refused.
  ClientSocket(std::uint16_t port, ClientOptions options);
  ~ClientSocket();
  ClientSocket(ClientSocket&&) noexcept;
  ClientSocket& operator=(ClientSocket&&) noexcept;

  // Sends all of `bytes`. False: the peer closed or reset the connection before it took them.
  bool Write(std::string_view bytes);
  // Waits for input and appends it to `buffer`. False: the peer closed (or reset) the connection.
  bool Read(std::string& buffer);
  // Whether Read would return within `patience`.
  bool IsReadable(std::chrono::milliseconds patience);
  // Whether the connection ended with a reset rather than in order.
  bool was_reset() const;
  // Ends the sending direction only.
  void HalfClose();
  // Closes with a RST.
  void Reset();
  void Close();

  std::string tls_version() const;  // "TLSv1.3"; empty on a plain connection
  std::uint16_t local_port() const;

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace puente::test
