// The defaults that puente.proto states.
#pragma once

#include <google/protobuf/message.h>

#include "config/puente.pb.h"

namespace puente {

// Sets every key of `message`, and of all messages in it, that is not set and has a default
// (lists: that are empty). `message` is a message of puente.proto: a whole Config, or a part of
// one.
void ApplyDefaults(google::protobuf::Message& message);

// What an empty file says. It has no listeners, upstreams and descriptors, so it can't be run yet:
// add those and pass it to CompleteConfig.
config::Config DefaultConfig();

}  // namespace puente
