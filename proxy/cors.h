// Cross-origin requests of browsers (Fetch Standard, section 3.2).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/puente.pb.h"
#include "proxy/http/request_head.h"
#include "transcoder/http_message.h"

namespace puente {

// Immutable and thread-safe. Without configuration no origin but the own is allowed, and no header
// is ever added. Credentials are not allowed to other origins.
class Cors {
 public:
  Cors() = default;
  explicit Cors(const config::Cors& config);

  bool is_configured() const { return !origins_.empty(); }

  // Whether pages of another origin may read the answer to this request, or open a WebSocket; true
  // as well for a page of the same origin, and for what is sent by no page. `tls`: it came over
  // TLS, where a page of plain HTTP is of another origin. Who names several origins is refused.
  bool Allows(const RequestHead& head, bool tls) const;

  // What the answer to `head` says, so that the browser hands it to the page.
  std::vector<Header> HeadersFor(const RequestHead& head) const;
  // What is to be added to that when `head` asks beforehand (OPTIONS with
  // Access-Control-Request-Method) about a path that is served under the methods `allowed`.
  std::vector<Header> PreflightHeadersFor(const RequestHead& head, std::string_view allowed) const;

 private:
  bool IsListed(std::string_view origin) const;

  bool any_origin_ = false;
  std::set<std::string, std::less<>> origins_;
  std::string methods_;  // "": those of the path
  std::string headers_;  // "": what the browser asks for
  std::string max_age_;  // in seconds
};

}  // namespace puente
