// A single value of the configuration: its text, checked against the type of its key.
#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>

namespace puente {

// Enums by value descriptor.
using ScalarValue = std::variant<bool, std::uint64_t, double, std::chrono::nanoseconds, std::string,
                                 const google::protobuf::EnumValueDescriptor*>;

// Reads `text` as a value of `field`, which is no section. `is_text` says that it was written in
// quotes, so that it is no number and no bool. The error says what is expected, and does not repeat
// the text.
tl::expected<ScalarValue, std::string> ParseScalar(const google::protobuf::FieldDescriptor& field,
                                                   std::string_view text, bool is_text);

// Sets `field` of `message` to a value of its type, or appends it where the field is a list (of
// strings, of enums or of uint32).
void StoreScalar(const google::protobuf::FieldDescriptor& field, ScalarValue value,
                 google::protobuf::Message& message);

}  // namespace puente
