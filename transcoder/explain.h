// What would become of a request, step by step, for a person who debugs a route or a binding.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "descriptors/descriptor_set.h"
#include "transcoder/codec.h"
#include "transcoder/error.h"
#include "transcoder/http_message.h"
#include "transcoder/metadata.h"
#include "transcoder/near_misses.h"
#include "transcoder/route_table.h"

namespace puente {

// Views: they need only live through the call.
struct ExplainInput {
  std::string_view http_method;
  std::string_view target;  // "/v1/invoices/7?x=1"
  std::span<const HeaderView> headers;
  RequestOrigin origin;
  std::string_view body;
  std::size_t max_body_bytes = 4 << 20;  // limits.max_request_body_bytes
};

// A path variable or a query parameter, each by itself.
struct ExplainedParameter {
  enum class Outcome { kBound, kLetPass, kRefused };

  std::string name;   // decoded
  std::string value;  // decoded
  std::string field;  // where it binds: "invoice.total.units"; empty when it names nothing
  std::string type;   // of that field: "int64"
  Outcome outcome = Outcome::kBound;
  std::string problem;  // why it is not bound
};

struct ExplainedMessage {
  std::string json;  // canonical
  std::string text;  // in text format
};

struct Explanation {
  std::optional<Error> error;         // what the client would get in place of a call
  std::vector<std::string> allowed;   // OPTIONS is answered without a call; what `Allow` says
  const Route* route = nullptr;       // of the table; nullptr when none serves the request
  std::vector<NearMiss> near_misses;  // where there is no route
  std::vector<ExplainedParameter> variables;
  std::vector<ExplainedParameter> query;
  std::vector<Header> metadata;
  std::optional<std::chrono::nanoseconds> client_timeout;  // grpc-timeout
  std::vector<ExplainedMessage> messages;                  // one, unless the client streams
  bool gzip_body = false;  // and not unpacked: there are no messages
  DroppedInput dropped;
};

// Does what serving the request would do up to the call, and goes on behind the first error where
// that tells more. `set` is that of the table's routes. Takes time in proportion to the input times
// the number of path variables, and linear in the routes where none matches.
Explanation Explain(const RouteTable& table, const std::shared_ptr<const DescriptorSet>& set,
                    const CodecOptions& options, const ExplainInput& input);

}  // namespace puente
