// What came of a reload: for the log, and for whoever asked for it by `POST /reload`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "proxy/http/response.h"

namespace puente {

struct ReloadReport {
  // What is served is what the files say; otherwise what was served before.
  bool applied = false;
  // What is other than before, a line each: keys, descriptors, files.
  std::vector<std::string> changes{};
  // What of the descriptors may break clients, and is not in `changes`.
  std::vector<std::string> breaking{};
  // Why it was not applied.
  std::vector<Problem> problems{};
};

// The answer of `POST /reload`. 200 when it was applied:
//
//     {"reloaded": true, "breaking": ["shop.v1.Item.sku: field removed (JSON and wire)"],
//      "changes": ["routes[0].split.backends[1].weight: 5 -> 20"]}
//
// `changes` is [] when nothing is other than before; `breaking` is left out when nothing is
// breaking. 400 when it was not: a google.rpc.Status (INVALID_ARGUMENT) whose message sums up, with
// all errors beside it:
//
//     {"code": 3, "message": "not reloaded: puente.yaml:12:5: … (and 2 more)", "reloaded": false,
//      "errors": ["puente.yaml:12:5: …", …], "breaking": […]}
//
// A list has a thousand lines at most, the last of which says how many more there are.
Response ReloadResponse(const ReloadReport& report);

// Writes it to the log: what changed, what of that is breaking as a warning, and every problem as
// an error. `cause` is what the reload came from ("SIGHUP", "api.pb changed"). A list has a hundred
// lines at most there.
void LogReload(const ReloadReport& report, std::string_view cause);

}  // namespace puente
