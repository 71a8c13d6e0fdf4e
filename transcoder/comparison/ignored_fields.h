// `ignore_fields`: what two answers may differ in.
#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/error.h"

namespace puente {

// Paths from the top of the body, whose names are JSON names or proto names: "createdAt" is the
// field of the answer itself, that of each invoice in a list is "invoices.createdAt" or, as
// differences are shown, "invoices[].createdAt". Below a map follow the fields of its values,
// without a key ("byName[].price"). Where the body itself is a list, a path may begin with "[]."
// Everything beneath a path is ignored, too. There are no wildcards.
//
// Immutable; may be used from any thread.
class IgnoredFields {
 private:
  struct Names;

 public:
  // None.
  IgnoredFields();
  ~IgnoredFields();
  IgnoredFields(IgnoredFields&&) noexcept;
  IgnoredFields& operator=(IgnoredFields&&) noexcept;

  // INVALID_ARGUMENT, which says of which path: an empty one, or one with an empty name.
  static Result<IgnoredFields> Parse(std::span<const std::string> paths);

  // What of these fields lies at and beneath one place of a body. Must not outlive them. Lists and
  // their elements are one place, and so are maps and their values.
  class Place {
   public:
    bool is_ignored() const;
    // A field goes by either of its names.
    Place Below(const google::protobuf::FieldDescriptor& field) const;
    Place Below(std::string_view key) const;

   private:
    friend class IgnoredFields;
    void Enter(std::string_view name, Place& below) const;

    std::vector<const Names*> names_;  // two, where a field was given by both of its names
  };
  Place Top() const;

 private:
  std::unique_ptr<Names> names_;
};

// That `path` names something in the JSON of `type`. INVALID_ARGUMENT, which says what is wrong
// with it: a name that no field has, or one below a scalar or what JSON writes as one. Below a
// Struct, a Value and an Any there may be anything.
//
// A route may serve methods with answers of different types: a path that fits to none of them is a
// mistake.
Result<void> CheckIgnoredField(const google::protobuf::Descriptor& type, std::string_view path);

}  // namespace puente
