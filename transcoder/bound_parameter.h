// Fields of the request that path variables, query parameters and forms set.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <span>
#include <string>

#include "transcoder/error.h"
#include "transcoder/field_path.h"

namespace puente {

// The last field of `path` has a text form; a repeated one gets one element of each parameter.
struct BoundParameter {
  FieldPath path;
  std::optional<std::string> map_key;  // when the last field of `path` is a map
  std::string text;                    // decoded
  std::string origin;                  // `query parameter "page_size"`, for messages
};

// The wire bytes of what `parameters` set in a message of the type of `request`. Each singular
// field is there once, however many parameters set parts of it. INVALID_ARGUMENT, naming the
// parameter, when a text is no value of its field's type.
Result<std::string> EncodeParameters(std::span<const BoundParameter> parameters,
                                     const google::protobuf::Message& request);

}  // namespace puente
