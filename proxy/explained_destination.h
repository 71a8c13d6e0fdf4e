// Where a request would go, by the configuration: at the weights of the file, with all breakers
// closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/puente.pb.h"
#include "proxy/destination.h"
#include "transcoder/error.h"
#include "transcoder/http_message.h"

namespace puente {

struct ExplainedBackend {
  std::string upstream;  // its name
  std::string target;    // where it is: "127.0.0.1:50051", "http://127.0.0.1:9000/base"
  bool is_http = false;
  std::uint32_t weight = 0;
  double percent = 100;  // of the requests that it can take
};

// Texts are empty where there is nothing to say.
struct ExplainedDestination {
  std::string entry;                       // "routes[2]"
  std::string prefix;                      // of a route for paths: "/legacy/**"
  std::string split;                       // its name
  std::vector<ExplainedBackend> backends;  // that can take the request; one without a split
  std::optional<std::size_t> chosen;       // one of them, where that is not left to chance
  std::string choice;                      // what decides: "by the cookie who"
  std::string forwarded;                   // to HTTP upstreams: "GET /base/v1/invoices/7"
  struct Policy {
    std::string name;  // "retry"
    std::string text;
  };
  std::vector<Policy> policies;
  std::optional<Error> refusal;  // of a request that asks for a backend that is none

  // Whether a gRPC, an HTTP upstream may get the request.
  bool MayCall() const;
  bool MayForward() const;
};

// `headers` and `target` are those of a request to which a method is bound, or not: then it can
// only go to HTTP upstreams. Of `destination`, a route of `config`, one of them can take it.
ExplainedDestination ExplainDestination(const config::Config& config,
                                        const Destination& destination, bool is_bound,
                                        std::string_view http_method, std::string_view target,
                                        std::span<const HeaderView> headers);

}  // namespace puente
