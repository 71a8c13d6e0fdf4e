// Whose x-forwarded-* headers are believed.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/http_message.h"

namespace puente {

// A set of address ranges. Immutable once built.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  // CIDRs ("10.0.0.0/8") or single addresses, already validated; what does not parse is left out.
  explicit TrustedProxies(const std::vector<std::string>& ranges);

  // Whether `address`, as text, lies in one of the ranges. Never for text that is no address.
  bool Contains(std::string_view address) const;

  // The address of the client behind `peer`: the last in x-forwarded-for that is none of the
  // trusted proxies, as far as these vouch for it. "" when `peer` is not trusted, or there is no
  // other.
  std::string ClientBehind(std::string_view peer, std::span<const HeaderView> headers) const;

 private:
  struct Range {
    boost::asio::ip::address_v6::bytes_type network;  // IPv4 as mapped IPv6
    int prefix_bits;
  };
  std::vector<Range> ranges_;
};

}  // namespace puente
