// Resource paths for methods that have no google.api.http rule: `auto_routes: REST` (design
// sections 3 and 4, rule 13).
#pragma once

#include <google/protobuf/descriptor.h>

#include <set>
#include <string>
#include <vector>

#include "descriptors/http_binding.h"

namespace puente {

// What the names and the request fields of one service's methods say about its resources. They are
// read as the standard methods of AIP-131 to 135:
//
//     GetUser     GET /users/{id}
//     ListUsers   GET /users
//     CreateUser  POST /users                  body: the request's message field `user`, or all
//     UpdateUser  PUT and PATCH /users/{id}    likewise
//     DeleteUser  DELETE /users/{id}
//
// The key is the request's singular string or integer field `id`, `user_id` or `name`, whichever
// comes first in this order; of an update that has none of them, that of its resource: {user.id}.
//
// The collection is in lowerCamelCase (AIP-122: ListBillingAccounts is /billingAccounts), in the
// plural that the service's own List method has for it, be it regular (ListUsers) or by endings
// that English is known for (GetAnalysis and ListAnalyses), otherwise in the regular one. A plural
// that shares no stem with its singular (ListPeople, GetPerson) is not found: /people and
// /persons/{id}.
//
// Valid as long as the service. Immutable.
class RestRoutes {
 public:
  explicit RestRoutes(const google::protobuf::ServiceDescriptor& service);

  // The bindings inferred for `method`, one of the service's; they are `automatic`, and always
  // compile. None for what is no standard method: another name, a stream, no key, a key that a path
  // can't hold.
  std::vector<HttpBinding> BindingsOf(const google::protobuf::MethodDescriptor& method) const;

 private:
  std::string CollectionOf(const std::string& resource) const;

  std::set<std::string> listed_;  // what List methods call collections
};

}  // namespace puente
