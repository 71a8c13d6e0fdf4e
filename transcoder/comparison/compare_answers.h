// Whether two services answer the same to one request (design section 6: shadow traffic).
#pragma once

#include <google/protobuf/descriptor.h>

#include <string_view>

#include "transcoder/comparison/difference.h"
#include "transcoder/comparison/ignored_fields.h"
#include "transcoder/comparison/json_tree.h"

namespace puente {

// One service's answer, as a client would get it. Views.
struct Answer {
  int http_status = 0;
  std::string_view content_type;
  std::string_view body;
};

// What a body is the JSON of: a message, or one field of a message (a route's response_body), or
// neither. Raw bodies (google.api.HttpBody) are of no type.
struct AnswerType {
  AnswerType() = default;
  AnswerType(const google::protobuf::Descriptor* of_message) : message(of_message) {}
  AnswerType(const google::protobuf::FieldDescriptor* of_field) : field(of_field) {}

  const google::protobuf::Descriptor* message = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
};

// What the answer that the client gets, `primary`, and that of the shadow differ in.
//
// Statuses that differ are the only difference then, and answers that are both errors (from 400 on)
// with the same status are the same: the words of an error are not compared.
//
// Bodies of JSON are compared by what they say. With a type: keys in any order and by either name
// of their field, 64-bit integers as strings or numbers, enums by name or number, bytes in either
// alphabet of base64, timestamps down to the coarser precision of the two; and default values are
// as good as none (compare_scalar.h, default_value.h). Without: numbers by value, and null is as
// good as nothing. The order of lists counts; where one is longer that is one difference, and what
// both have is compared element by element. An empty body is like null.
//
// Bodies that are no JSON, by their media types, are compared byte by byte.
//
// The error, INVALID_ARGUMENT, says which answer it is about, without anything of it: JSON that is
// malformed, has a key twice, or is beyond `limits`. Time and memory are linear in the bodies (but
// for the sorting of keys), whatever is in them.
Comparison CompareAnswers(const Answer& primary, const Answer& shadow, const AnswerType& type,
                          const IgnoredFields& ignored, const JsonTree::Limits& limits = {});

}  // namespace puente
