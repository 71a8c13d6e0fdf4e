// Who a caller is, for a split that sends each caller always to the same backend.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "config/puente.pb.h"
#include "transcoder/http_message.h"

namespace puente {

// Immutable, thread-safe.
class StickyKey {
 public:
  explicit StickyKey(const config::Sticky& config);

  // The value of the header, the cookie or the claim; nullopt where the request has none, or an
  // empty one. Of a header that is there several times the first counts. A claim is what the bearer
  // token says, whether or not its signature holds: it only chooses a backend.
  std::optional<std::string> Of(std::span<const HeaderView> headers) const;

 private:
  enum class Source { kHeader, kCookie, kJwtClaim };

  Source source_;
  std::string name_;
};

}  // namespace puente
