// Fields of the request that path variables, query parameters and forms set.
#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "transcoder/error.h"
#include "transcoder/field_path.h"
#include "transcoder/route.h"

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

// The same for the path variables of `route`, whose decoded texts are `captures`.
Result<std::string> EncodeVariables(const Route& route, std::span<const std::string> captures,
                                    const google::protobuf::Message& request);

// `path variable "invoice.id"`, for messages: the variable with that index.
std::string OriginOfVariable(const Route& route, std::size_t index);

}  // namespace puente
