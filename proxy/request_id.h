// x-request-id: what finds a request again in logs on both sides.
#pragma once

#include <span>
#include <string>

#include "transcoder/http_message.h"

namespace puente {

// The client's own x-request-id when it is usable, otherwise a new random one (UUID version 4).
// Thread-safe.
std::string RequestIdFor(std::span<const HeaderView> headers);

}  // namespace puente
