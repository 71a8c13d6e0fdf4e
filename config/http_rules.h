// `transcoding.rules`: HTTP rules of a google.api.Service file, the YAML form of a service's
// configuration that Google's tools and other gateways read as well.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "config/source_map.h"
#include "google/api/http.pb.h"

namespace puente {

struct LoadedHttpRules {
  // In the order of the file; of several with the same selector the last one counts. Each selector
  // is the full name of a method; whether there is such a method is not known here.
  google::api::Http http;
  // That of rule 3 is at "http.rules[3]", its parts are below that in their proto names.
  SourceMap positions;
};

struct HttpRulesResult {
  LoadedHttpRules loaded;
  std::vector<Problem> problems;  // sorted by line

  bool ok() const { return problems.empty(); }
};

// Reads
//
//     type: google.api.Service
//     http:
//       rules:
//       - selector: billing.v1.BillingService.GetInvoice
//         get: /v1/invoices/{id}
//         additional_bindings: [{post: "/v1/invoices:get", body: "*"}]
//
// with keys in snake_case or lowerCamelCase. Whatever else stands at the top of such a file
// (config_version, apis, documentation, …) is not about HTTP and is passed over. Problems: what is
// no YAML, or larger than a configuration may be; another type; no `http`; unknown keys in it;
// a selector that is missing, is no method's name, or ends in a wildcard (a path belongs to one
// method); none or several of get, put, post, delete, patch and custom; additional_bindings in
// additional_bindings, or with a selector of another method; fully_decode_reserved_expansion, since
// the design fixes what is decoded.
HttpRulesResult LoadHttpRules(const std::filesystem::path& file);

// The same for text that is in memory. `file_name` stands in messages.
HttpRulesResult ParseHttpRules(std::string_view text, std::string_view file_name);

}  // namespace puente
