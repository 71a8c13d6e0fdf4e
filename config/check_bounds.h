// Checks what puente.proto says about the values of keys.
#pragma once

#include <google/protobuf/message.h>

#include "config/findings.h"

namespace puente {

// Finds keys of `message`, and of all that it holds, that are required and missing or empty, and
// numbers and durations out of their bounds. `path` is the message's own key.
void CheckBounds(const google::protobuf::Message& message, const std::string& path,
                 Findings& findings);

}  // namespace puente
