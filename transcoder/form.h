// Bodies that are forms: application/x-www-form-urlencoded, bound like a query (design section 4,
// rules 1, 6 and 9).
#pragma once

#include <string_view>
#include <vector>

#include "transcoder/bound_parameter.h"
#include "transcoder/codec.h"

namespace puente {

// Binds the fields of `form` for a route that maps the body to something (not an HttpBody); which
// names there are is told at ResolveFormField. What path and query have set in `target` counts:
// the same field again, or another member of the same oneof, is refused. What else is refused
// (INVALID_ARGUMENT, naming the form field) is told at ParameterBinder::Bind; options for queries
// hold, except for ignored_query_parameters. Malformed escapes and NULs are refused, too.
Result<std::vector<BoundParameter>> BindForm(const Route& route, const BoundTarget& target,
                                             std::string_view form, const CodecOptions& options,
                                             DroppedInput& dropped);

}  // namespace puente
