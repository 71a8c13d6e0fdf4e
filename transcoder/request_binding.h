// Which field of the request each path variable and query parameter goes to (design section 4,
// rules 1 and 9).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "transcoder/codec.h"
#include "transcoder/field_path.h"
#include "transcoder/wire_writer.h"

namespace puente {

// A field that a path variable or a query parameter sets. The last field of `path` has a text form;
// a repeated one gets one element of each parameter.
struct BoundParameter {
  FieldPath path;
  std::optional<std::string> map_key;  // when the last field of `path` is a map
  std::string text;                    // decoded
  std::string origin;                  // `query parameter "page_size"`, for messages
};

// Binds the path variables of `target`, then its query. Refused (INVALID_ARGUMENT, naming the
// parameter): a parameter that names no field, or one that is the path's or the body's, unless
// unknown parameters are let pass (and counted in `dropped`); a singular field or a map key given
// twice; two members of one oneof, counting those that the path and the body set; a field that no
// text can set; a path that is more than 32 fields deep; more parameters than
// options.max_query_parameters.
Result<std::vector<BoundParameter>> BindParameters(const Route& route, const TargetInput& target,
                                                   const CodecOptions& options,
                                                   DroppedInput& dropped);

// Appends the field that `parameter` sets to the wire bytes of the request. INVALID_ARGUMENT when
// its text is no value of the field's type.
Result<void> AppendParameter(const BoundParameter& parameter, WireWriter& out);

}  // namespace puente
