#include "examples/services/local_token.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>

namespace puente::examples {
namespace {

constexpr std::string_view kKey = "the key of an example is no secret";

std::string Signature(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), kKey.data(), static_cast<int>(kKey.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

bool IsSame(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string SignLocalToken(const LocalToken& token) {
  const std::string signed_part = fmt::format("{}.{}", token.user_id, token.expires_at);
  return fmt::format("{}.{}", signed_part, Signature(signed_part));
}

std::optional<LocalToken> ReadLocalToken(std::string_view text) {
  const auto last_dot = text.rfind('.');
  if (last_dot == std::string_view::npos) return std::nullopt;
  const auto signed_part = text.substr(0, last_dot);
  if (!IsSame(text.substr(last_dot + 1), Signature(signed_part))) return std::nullopt;
  const auto dot = signed_part.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto expiry = signed_part.substr(dot + 1);
  LocalToken token{std::string(signed_part.substr(0, dot)), 0};
  const auto [end, error] =
      std::from_chars(expiry.data(), expiry.data() + expiry.size(), token.expires_at);
  if (error != std::errc() || end != expiry.data() + expiry.size()) return std::nullopt;
  return token;
}

}  // namespace puente::examples
