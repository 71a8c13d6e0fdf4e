// Sends the demo's requests over a real socket.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "examples/requests.h"

namespace puente::examples {

// One request on a connection of its own to 127.0.0.1:`port`, and its answer. The error says what
// went wrong with the connection; an answer that was cut counts as one. At most 10 s.
tl::expected<DemoAnswer, std::string> SendRequest(std::uint16_t port, const DemoRequest& request);

}  // namespace puente::examples
