// A small HTTP server as a legacy service has one: a thread of its own, nothing of Puente in it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "examples/services/legacy_http_session.h"

namespace puente::examples {

// Not to be used by several threads at once.
class LegacyHttpServer {
 public:
  // `handler` is called on the server's thread.
  explicit LegacyHttpServer(LegacyHandler handler);
  // As Stop.
  ~LegacyHttpServer();
  LegacyHttpServer(const LegacyHttpServer&) = delete;
  LegacyHttpServer& operator=(const LegacyHttpServer&) = delete;

  // Listens at `address` ("127.0.0.1:9000"; port 0: a free one) and serves, unless it does already.
  // The error names the address: its port is taken, or it is not "IP:port".
  tl::expected<void, std::string> Start(const std::string& address);
  // The port it listens on, or did last; 0 before the first Start.
  std::uint16_t port() const { return port_; }
  // Cuts all connections, and returns when the thread has ended.
  void Stop();

 private:
  struct Running;
  const LegacyHandler handler_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Running> running_;  // empty while stopped
};

}  // namespace puente::examples
