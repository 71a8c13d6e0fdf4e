// The backends of a configuration.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/load_config.h"
#include "proxy/upstream/grpc_upstream.h"
#include "proxy/upstream/http_upstream.h"

namespace puente {

using GrpcUpstreams = std::map<std::string, std::shared_ptr<GrpcUpstream>, std::less<>>;
using HttpUpstreams = std::map<std::string, std::shared_ptr<HttpUpstream>, std::less<>>;

// By their names.
struct Upstreams {
  GrpcUpstreams grpc;
  HttpUpstreams http;
  // What each was made of: its section, and the content of the files that it names.
  std::map<std::string, std::string, std::less<>> made_of;
};

// Reads the certificates that they need, and connects to nobody yet. What is wrong is added to
// `problems`, at the line of the key that it concerns; that upstream is nullptr then. Those that
// are made of the same as in `previous` (nullptr: none) are those of `previous`.
Upstreams MakeUpstreams(const LoadedConfig& loaded, std::size_t workers, const Upstreams* previous,
                        std::vector<Problem>& problems);

}  // namespace puente
