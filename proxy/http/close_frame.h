// The frame by which a server closes a WebSocket (RFC 6455, 5.5.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace puente {

// Its bytes, unmasked. `reason` may be anything: it is cut to the 123 bytes that fit, between two
// characters, and what is not UTF-8 is replaced.
std::string CloseFrame(std::uint16_t code, std::string_view reason);

}  // namespace puente
