// Which field of the request the name of a query parameter or of a form's field stands for (design
// section 4, rules 1 and 9).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "transcoder/field_path.h"
#include "transcoder/route.h"

namespace puente {

// "labels[region]" as its field and its key, as it would have to be of a map.
struct ParameterName {
  explicit ParameterName(const std::string& name);

  std::string field;
  std::optional<std::string> map_key;

  // Both may stand in a message (IsPlainName).
  bool IsPlain() const;
};

// What a name stands for. A field whose own JSON name has brackets ("search[decoded]", "ids[]")
// goes before the entry of a map. When both reasons are empty, the last field of `path` can be set
// by a text.
struct ResolvedName {
  FieldPath path;                           // as far as the name could be followed
  std::optional<std::string> map_key = {};  // of its last field, a map
  std::string_view unknown;                 // why it names nothing that it may set
  std::string_view problem;                 // why its field can't be set
};

// In a query: a field of the request that neither path nor body bind.
ResolvedName ResolveQueryParameter(const Route& route, const ParameterName& name);

// In a form, for a route that maps the body to something: a field of what the body is mapped to, as
// in a JSON body, that the path does not bind. Where that is one field of the request, the name may
// also begin with that field ("book.title", or "tags" for a repeated one), as in a query; a name
// that could mean both is the field inside.
ResolvedName ResolveFormField(const Route& route, const ParameterName& name);

}  // namespace puente
