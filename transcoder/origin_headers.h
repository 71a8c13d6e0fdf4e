// Which header fields of a request go on to an upstream, and those that the proxy adds: what gRPC
// metadata and the headers of a forwarded request have in common.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/error.h"
#include "transcoder/http_message.h"
#include "transcoder/metadata.h"

namespace puente {

std::string ToLowerCase(std::string_view name);

// 400 for a value outside of printable ASCII. `name` is in lower case.
Result<void> CheckHeaderText(std::string_view name, std::string_view value);
// 400: which of two credentials holds, programs disagree about.
tl::unexpected<Error> AuthorizationTwice();

// Puts `trace` in the place of the trace context in `headers`, of the same formats: for another try
// of a call. Nothing when it is empty.
void ReplaceTrace(std::span<const Header> trace, std::vector<Header>& headers);

// All names are in lower case. What it is made of outlives it.
class OriginHeaders {
 public:
  OriginHeaders(std::span<const HeaderView> headers, const RequestOrigin& origin);

  // False for what is meant for this connection, or `Connection` names (save credentials, Host and
  // forwarded names); for what the proxy says itself: forwarded names (of a peer that is not
  // trusted), x-request-id, x-client-identity, trace context (in the format that is sent), and
  // everything that begins with x-puente-; and for RequestOrigin::hidden.
  bool Allows(std::string_view name) const;

  // Notes a field that Allows. True: it is no field of its own, it was added to x-forwarded-for, or
  // is a forwarded name without a value.
  bool Take(std::string_view name, std::string_view value);

  // x-forwarded-for, -proto and -host, as far as there is something to say and nobody who is
  // trusted has.
  void AppendForwarded(std::vector<Header>& headers) const;
  // x-request-id, x-client-identity, trace context.
  void AppendIds(std::vector<Header>& headers) const;

 private:
  void AppendAddress(std::string_view address);

  const RequestOrigin& origin_;
  std::vector<std::string> connection_;  // what `Connection` names, sorted
  std::string forwarded_for_;
  bool has_proto_ = false;
  bool has_host_ = false;
};

}  // namespace puente
