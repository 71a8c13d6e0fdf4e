// The addresses of a host, looked up without being held up by it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace puente {

using HostAddresses = std::vector<boost::asio::ip::tcp::endpoint>;

// The addresses of `host`, or why there are none; blocks. The error does not repeat the host.
tl::expected<HostAddresses, std::string> LookUpHost(const std::string& host, std::uint16_t port);

// The same without blocking where `host` is an IP address; nullopt where it is not.
std::optional<HostAddresses> AddressesOfLiteral(const std::string& host, std::uint16_t port);

// getaddrinfo(3) can neither be cancelled nor given a time: it runs on a thread of its own, which
// is left behind when the answer is not there in time. At most one such thread is there at a time.
// Used by one thread.
class NameLookup {
 public:
  NameLookup(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}

  using Addresses = HostAddresses;

  // By `deadline` at the latest, or soon after a stop is requested. An IP address takes no time.
  // What was asked before and not answered in time is not asked again: its answer is waited for.
  // The error says why there is none, and does not repeat the host.
  tl::expected<Addresses, std::string> Find(std::chrono::steady_clock::time_point deadline,
                                            const std::stop_token& stop);

 private:
  struct Question;

  const std::string host_;
  const std::uint16_t port_;
  std::shared_ptr<Question> running_;
};

}  // namespace puente
