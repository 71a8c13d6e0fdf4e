// What of a request is kept out of logs and spans, as telemetry.access_log.redact_* say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/puente.pb.h"
#include "transcoder/path_template.h"

namespace puente {

// What stands in place of a value that is hidden.
inline constexpr std::string_view kRedacted = "REDACTED";

// Which ids are written only when they are the proxy's own, not the client's.
struct HiddenIds {
  bool request_id = false;
  bool trace_id = false;
};

// Immutable; may be used from any thread.
class Redaction {
 public:
  // `config` has its defaults.
  explicit Redaction(const config::AccessLog& config);
  // That of telemetry.access_log; without this section, that of its defaults.
  static Redaction For(const config::Telemetry& telemetry);

  // ASCII case does not count.
  bool HidesHeader(std::string_view name) const;
  // Those of the headers x-request-id and traceparent (or b3, or x-b3-traceid).
  HiddenIds hidden_ids() const { return hidden_ids_; }

  // `raw_query` (without the '?', not decoded) with REDACTED in place of the values of listed
  // parameters, and of those that hold a signature or a credential (OpenTelemetry's list for
  // url.query). A parameter is listed when its decoded name is, or that of a field that it is a
  // part of ("auth" is "auth.token" and "auth[key]", too). Case and underscores do not count, since
  // JSON names and proto names bind the same field. The rest is unchanged.
  std::string Query(std::string_view raw_query) const;

  // `raw_path` (as SplitTarget gives it) with REDACTED in place of what listed variables have
  // captured, of several segments as a whole. Variables are listed as parameters are. `matched` is
  // the template of the route that the path has found, nullptr when it has found none: then, and
  // when the path is not of this template, all of it is replaced as soon as a variable is listed
  // that might be in it.
  std::string Path(std::string_view raw_path, const PathTemplate* matched) const;

 private:
  bool HidesVariable(const PathTemplate::Variable& variable) const;

  std::vector<std::string> headers_;
  HiddenIds hidden_ids_;
  std::vector<std::string> query_;           // these are folded
  std::vector<std::string> path_variables_;  // and these
};

}  // namespace puente
