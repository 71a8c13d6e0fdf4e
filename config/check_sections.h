// The parts of CheckConfig, one for each section that has rules of its own.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/findings.h"
#include "config/puente.pb.h"

namespace puente {

void CheckListeners(const config::Config& config, Findings& findings);
void CheckDescriptors(const config::Config& config, Findings& findings);
void CheckUpstreams(const config::Config& config, Findings& findings);
void CheckRoutes(const config::Config& config, Findings& findings);

class UniqueValues;

// Where requests of `route` (the section `path`) go, and when they are tried again, copied or
// moved. `split_names` are those of all routes.
void CheckTraffic(const config::Config& config, const config::Route& route, const std::string& path,
                  UniqueValues& split_names, Findings& findings);

// "billing.v1.BillingService": identifiers separated by dots.
bool IsFullName(std::string_view text);

// One of the keys of a section that exclude each other.
struct Alternative {
  std::string key;
  bool is_set;
};

// Finds that none or several of `alternatives`, keys of the section `path`, are set. One that there
// is a problem with counts as set, and is not complained about again.
void CheckExactlyOne(const std::string& path, const std::vector<Alternative>& alternatives,
                     Findings& findings);

// Finds a certificate without its key, and a key without its certificate, in the section `path`.
void CheckClientTls(const std::string& path, const config::ClientTls& tls, Findings& findings);

// The names of all upstreams that have one.
std::vector<std::string> UpstreamNames(const config::Config& config);

// What to say of a name that is none of `upstreams`: with the nearest, or with all of a few.
std::string NoSuchUpstream(const std::vector<std::string>& upstreams, std::string_view name);

// Finds values that are there twice.
class UniqueValues {
 public:
  // `what` names the values in messages: "name".
  UniqueValues(std::string_view what, Findings& findings) : what_(what), findings_(findings) {}

  // Empty values are passed over.
  void Add(const std::string& key, const std::string& value);

 private:
  std::string what_;
  Findings& findings_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace puente
