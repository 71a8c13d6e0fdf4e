// Network addresses as the configuration has them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace puente {

// Where a listener listens: an IP address and a port, or a unix socket.
struct ListenAddress {
  std::string host;        // "127.0.0.1", "::1"; empty for a unix socket
  std::uint16_t port = 0;  // 0: any free one
  std::string unix_path;   // empty for an IP address

  bool operator==(const ListenAddress&) const = default;
};

// Reads "127.0.0.1:8080", "[::1]:8080" or "unix:/run/puente.sock". The error says what is expected.
tl::expected<ListenAddress, std::string> ParseListenAddress(std::string_view text);

// A block of IP addresses.
struct Cidr {
  std::string address;    // "10.0.0.0", "fd00::"; bits after the prefix do not count
  int prefix_length = 0;  // up to 32 or 128

  bool operator==(const Cidr&) const = default;
};

// Reads "10.0.0.0/8" or "fd00::/8"; a single address is a block of one. The error says what is
// expected.
tl::expected<Cidr, std::string> ParseCidr(std::string_view text);

// Whether gRPC can take `text` as a target: "host:port", or a scheme that it knows with something
// after it (dns:, ipv4:, ipv6:, unix:, unix-abstract:, xds:). Does not look the name up.
bool IsGrpcTarget(std::string_view text);

// Whether `text` is a host name or an address, and a port from 1 on: "billing:50051".
bool IsHostAndPort(std::string_view text);

struct HostAndPort {
  std::string host;        // an IPv6 address has no brackets
  std::uint16_t port = 0;  // 0: none

  bool operator==(const HostAndPort&) const = default;
};

// Takes apart "billing:50051", "[::1]:50051", "billing" or "[::1]". What is no port is part of the
// host.
HostAndPort SplitHostAndPort(std::string_view text);
// The other way round. Without a port the host alone.
std::string JoinHostAndPort(std::string_view host, std::uint16_t port);

// Where a gRPC target is, without its scheme and its resolver; a unix socket's path is a host.
HostAndPort ServerOfTarget(std::string_view target);

}  // namespace puente
