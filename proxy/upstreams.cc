#include "proxy/upstreams.h"

#include <cstddef>

#include "proxy/file_contents.h"

namespace puente {
namespace {

std::string MaterialOfUpstream(const config::Upstream& upstream) {
  const config::ClientTls& tls =
      upstream.has_grpc() ? upstream.grpc().tls() : upstream.http().tls();
  return MaterialOf(upstream.SerializeAsString(), {tls.ca(), tls.certificate(), tls.private_key()});
}

// Takes over what is the same. False: it is to be made.
bool TakeOver(const std::string& name, const std::string& material, const Upstreams* previous,
              Upstreams& upstreams) {
  if (previous == nullptr) return false;
  const auto before = previous->made_of.find(name);
  if (before == previous->made_of.end() || before->second != material) return false;
  if (const auto grpc = previous->grpc.find(name); grpc != previous->grpc.end()) {
    upstreams.grpc[name] = grpc->second;
  }
  if (const auto http = previous->http.find(name); http != previous->http.end()) {
    upstreams.http[name] = http->second;
  }
  return true;
}

}  // namespace

Upstreams MakeUpstreams(const LoadedConfig& loaded, std::size_t workers, const Upstreams* previous,
                        std::vector<Problem>& problems) {
  Upstreams upstreams;
  for (int i = 0; i < loaded.config.upstreams_size(); ++i) {
    const config::Upstream& upstream = loaded.config.upstreams(i);
    const std::string& name = upstream.name();
    std::string& material = upstreams.made_of[name] = MaterialOfUpstream(upstream);
    if (TakeOver(name, material, previous, upstreams)) continue;
    std::vector<Problem> found;
    if (upstream.has_grpc()) {
      upstreams.grpc[name] = GrpcUpstream::Make(upstream, workers, found);
    } else if (upstream.has_http()) {
      upstreams.http[name] = HttpUpstream::Make(upstream, workers, found);
    }
    for (const Problem& problem : found) {
      problems.push_back(loaded.positions.At(
          JoinKey(IndexKey("upstreams", static_cast<std::size_t>(i)), problem.key),
          problem.message));
    }
  }
  return upstreams;
}

}  // namespace puente
