// Text to field values: path variables, query parameters, map keys, and the scalars of a JSON body
// all follow one grammar, that of proto3 JSON (design section 4, rule 9).
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "transcoder/wire_writer.h"

namespace puente {

// What is wrong with a text, without repeating it: "expected a number of type int32".
using TextProblem = std::string;

// Whether one text can hold a whole value of `field` (of one element, when it is repeated):
// scalars, enums, wrappers, Timestamp, Duration and FieldMask.
bool HasTextForm(const google::protobuf::FieldDescriptor& field);

// "expected a number of type int32": what `field` takes, for messages.
TextProblem ExpectedFor(const google::protobuf::FieldDescriptor& field);
TextProblem ExpectedFor(const google::protobuf::Descriptor& message);

// Appends `field` with the value of `text` to the wire bytes of the message that holds it; as one
// element, unpacked, when it is repeated. `field` must have a text form.
//
// Integers and floats: JSON numbers (integral ones like "1e2" for integers), in the range of their
// type; floats also NaN, Infinity and -Infinity. bool: true or false. Enums: a name, or a number;
// a closed (proto2) enum has to know it; NullValue also null. bytes: base64 in either alphabet,
// with or without padding. Strings: UTF-8. FieldMask paths in camelCase or snake_case.
tl::expected<void, TextProblem> AppendText(const google::protobuf::FieldDescriptor& field,
                                           std::string_view text, WireWriter& out);

// The same for the content of a Timestamp, Duration, FieldMask or wrapper, without a tag around it.
tl::expected<void, TextProblem> AppendTextContent(const google::protobuf::Descriptor& message,
                                                  std::string_view text, WireWriter& out);

// The same for an element of a packed field, or any other value whose tag is already there. Only
// for numbers, bools and enums.
tl::expected<void, TextProblem> AppendBareText(const google::protobuf::FieldDescriptor& field,
                                               std::string_view text, WireWriter& out);

// A text that is the same for all spellings of one key of a map ("1" and "1.0"). What is no value
// of `key_field` stays as it is.
std::string CanonicalMapKey(const google::protobuf::FieldDescriptor& key_field,
                            std::string_view text);

}  // namespace puente
