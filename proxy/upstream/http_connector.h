// Making one connection to a server of an HTTP upstream.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "proxy/http/connection.h"
#include "proxy/http/event.h"
#include "proxy/http/host_lookup.h"
#include "proxy/upstream/http_upstream.h"

namespace puente {

// Pinned; used once, by one thread.
class HttpConnector {
 public:
  // All of them outlive the connector.
  HttpConnector(const HttpUpstream& upstream, std::size_t target, HostLookup& lookup,
                Executor executor);
  HttpConnector(const HttpConnector&) = delete;
  HttpConnector& operator=(const HttpConnector&) = delete;

  using Connected = tl::expected<std::shared_ptr<Connection>, std::string>;

  // Looks the name up, tries the addresses one after another, each for its share of the time that
  // is left, and shakes hands if it is to be TLS. The error says why there is no connection, and
  // repeats no name and no address.
  Task<Connected> Connect(SteadyTime deadline);

  // Ends what is overdue; called every few milliseconds.
  void CheckTime(SteadyTime now);
  // Connect ends soon, with an error.
  void Cancel();

 private:
  Task<Connected> ConnectToOne(const HostAddresses& addresses);
  Task<Connected> ConnectTo(asio::ip::tcp::endpoint address);
  Task<Connected> ShakeHands(std::shared_ptr<Connection> connection);

  const HttpUpstream& upstream_;
  const std::size_t target_;
  HostLookup& lookup_;
  Event given_up_;
  StreamSocket socket_;                     // while it is being connected
  std::shared_ptr<Connection> connection_;  // while it shakes hands
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime attempt_end_ = SteadyTime::max();
  bool ended_ = false;  // by Cancel, or by the deadline
};

}  // namespace puente
