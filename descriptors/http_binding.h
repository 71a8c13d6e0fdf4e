// Reads google.api.HttpRule, the google.api.http option: the only file that knows how it is
// spelled.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

namespace google::api {
class HttpRule;
}

namespace puente {

// One way to reach an RPC over HTTP, as the API's author wrote it and not yet checked.
struct HttpBinding {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string http_method;  // "GET", …; the kind of a `custom` pattern, where "*" is every method
  std::string path_template;         // "/v1/{name=shelves/*}:verb"
  std::string body;                  // "", "*" or a field of the request
  std::string response_body;         // "" or a field of the response
  int index = 0;                     // 0: the rule itself; n: its n-th additional binding
  bool automatic = false;            // nobody wrote it: it is made from the method itself
  bool has_nested_bindings = false;  // an additional binding with additional bindings, not read
  std::string origin;  // where it stands when it is no annotation: "http_rules.yaml:12"

  // "billing.v1.BillingService.GetInvoice (GET /v1/invoices/{id})", as messages name it; with what
  // it comes from when it is no annotation: "(GET /v1/invoices/{id}, http_rules.yaml:12)".
  std::string Describe() const;
};

// The bindings that `method` is annotated with, the rule itself first; empty when there is no
// annotation. A rule without a pattern gives a binding whose http_method and path_template are
// empty, for the route compiler to refuse. Finds the option also where the descriptor holds it as
// an unknown field (as it does when the pool has its own copy of google/api/annotations.proto).
std::vector<HttpBinding> ReadHttpBindings(const google::protobuf::MethodDescriptor& method);

// The same for a rule that stands elsewhere, at `origin`, and is meant for `method`; whatever its
// selector says.
std::vector<HttpBinding> BindingsOfRule(const google::protobuf::MethodDescriptor& method,
                                        const google::api::HttpRule& rule,
                                        const std::string& origin);

// The binding of a method that has none of its own: POST /package.Service/Method with body "*".
HttpBinding AutomaticBinding(const google::protobuf::MethodDescriptor& method);

}  // namespace puente
