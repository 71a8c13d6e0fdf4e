// Where the calls of a method go, by the configuration's routes.
#pragma once

#include <google/protobuf/descriptor.h>

#include <chrono>
#include <optional>
#include <string>

#include "config/puente.pb.h"

namespace puente {

struct Destination {
  std::string upstream;
  std::chrono::nanoseconds timeout;
  int route = -1;  // its place in `routes`; -1: there are none, and only one upstream
};

// nullopt: no route names the method. `config` has an upstream.
std::optional<Destination> FindDestination(const config::Config& config,
                                           const google::protobuf::MethodDescriptor& method);

}  // namespace puente
