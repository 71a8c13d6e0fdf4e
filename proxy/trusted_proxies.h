// Whose x-forwarded-* headers are believed.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace puente {

// A set of address ranges. Immutable once built.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  // CIDRs ("10.0.0.0/8") or single addresses, already validated; what does not parse is left out.
  explicit TrustedProxies(const std::vector<std::string>& ranges);

  // Whether `address`, as text, lies in one of the ranges. Never for text that is no address.
  bool Contains(std::string_view address) const;

 private:
  struct Range {
    boost::asio::ip::address_v6::bytes_type network;  // IPv4 as mapped IPv6
    int prefix_bits;
  };
  std::vector<Range> ranges_;
};

}  // namespace puente
