#include "proxy/trusted_proxies.h"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <optional>

#include "transcoder/header_value.h"

namespace puente {
namespace {

namespace ip = boost::asio::ip;

ip::address_v6 AsV6(const ip::address& address) {
  return address.is_v6() ? address.to_v6() : ip::make_address_v6(ip::v4_mapped, address.to_v4());
}

// A number from 0 to `all`.
std::optional<int> PrefixBits(std::string_view text, int all) {
  int bits = 0;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, bits);
  if (parsed.ec != std::errc() || parsed.ptr != end || bits < 0 || bits > all) return std::nullopt;
  return bits;
}

bool SamePrefix(const ip::address_v6::bytes_type& a, const ip::address_v6::bytes_type& b,
                int bits) {
  for (std::size_t i = 0; i < a.size() && bits > 0; ++i, bits -= 8) {
    const int mask = bits >= 8 ? 0xff : 0xff << (8 - bits) & 0xff;
    if ((a[i] & mask) != (b[i] & mask)) return false;
  }
  return true;
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& ranges) {
  for (const std::string& range : ranges) {
    const auto slash = range.find('/');
    boost::system::error_code ec;
    const auto address = ip::make_address(range.substr(0, slash), ec);
    if (ec) continue;
    const int all_bits = address.is_v4() ? 32 : 128;
    const auto bits = slash == std::string::npos
                          ? std::optional(all_bits)
                          : PrefixBits(std::string_view(range).substr(slash + 1), all_bits);
    if (bits) ranges_.push_back({AsV6(address).to_bytes(), 128 - all_bits + *bits});
  }
}

bool TrustedProxies::Contains(std::string_view address) const {
  if (ranges_.empty()) return false;
  boost::system::error_code ec;
  const auto parsed = ip::make_address(std::string(address), ec);
  if (ec) return false;
  const auto bytes = AsV6(parsed).to_bytes();
  for (const Range& range : ranges_) {
    if (SamePrefix(bytes, range.network, range.prefix_bits)) return true;
  }
  return false;
}

std::string TrustedProxies::ClientBehind(std::string_view peer,
                                         std::span<const HeaderView> headers) const {
  if (!Contains(peer)) return {};
  std::string client;
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (!EqualsIgnoreCase(header->name, "x-forwarded-for")) continue;
    std::string_view rest = header->value;
    while (!rest.empty()) {
      const auto comma = rest.rfind(',');
      const auto begin = comma == std::string_view::npos ? 0 : comma + 1;
      const std::string_view address = TrimHeaderValue(rest.substr(begin));
      rest = rest.substr(0, begin == 0 ? 0 : comma);
      boost::system::error_code not_address;
      const auto parsed = ip::make_address(std::string(address), not_address);
      if (not_address) return client;
      client = parsed.to_string();
      if (!Contains(client)) return client;
    }
  }
  return client;
}

}  // namespace puente
