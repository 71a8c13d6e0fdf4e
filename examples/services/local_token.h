// Tokens that carry who they are for and until when, and prove it by themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace puente::examples {

struct LocalToken {
  std::string user_id;
  std::int64_t expires_at = 0;  // Unix time
};

// "<user>.<expiry>.<signature>", signed with HMAC-SHA256 and a key that is no secret: this is an
// example.
std::string SignLocalToken(const LocalToken& token);

// What `text` carries; nullopt when it is no such token or its signature is wrong.
std::optional<LocalToken> ReadLocalToken(std::string_view text);

}  // namespace puente::examples
