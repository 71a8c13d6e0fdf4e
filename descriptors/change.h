// What differs between two versions of an API.
#pragma once

#include <string>
#include <string_view>

namespace puente {

enum class ChangeKind {
  kAdded,
  kRemoved,
  kRenamed,
  kType,    // of a field, a request or a response
  kNumber,  // of a field or an enum value
  kLabel,   // singular, repeated, required, with or without presence
  kJsonName,
  kOneof,     // a field moved into a oneof or out of one
  kDefault,   // the default value of a proto2 field
  kOpenness,  // whether an enum takes numbers that it has no name for
  kStreaming,
  kHttpRule,
  kOptions,  // deprecation, reservations, and other options
};

// "removed", "json_name".
std::string_view Name(ChangeKind kind);

struct Change {
  ChangeKind kind;
  bool breaking;        // an existing REST or gRPC client stops working, or means something else
  std::string element;  // its full name: "billing.v1.Invoice.total"
  std::string text;     // "type changed from billing.v1.Money to string (JSON and wire)"
  bool operator==(const Change&) const = default;
};

}  // namespace puente
