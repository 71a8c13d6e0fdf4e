// Which types of the new version take the place of which types of the old one.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace puente {

// Which readers a change is visible to.
struct Broken {
  bool json = false;
  bool wire = false;

  bool any() const { return json || wire; }
  Broken operator|(Broken other) const { return {json || other.json, wire || other.wire}; }
};

// Pairs of an old type and the new one in its place. A pair is made of types of one name, or of a
// type that was renamed and kept its fields or values; new fields may be there, too.
class TypeMatches {
 public:
  using MessagePair =
      std::pair<const google::protobuf::Descriptor*, const google::protobuf::Descriptor*>;
  using EnumPair =
      std::pair<const google::protobuf::EnumDescriptor*, const google::protobuf::EnumDescriptor*>;

  // Whether `after` takes the place of `before`. A pair that does is to be compared.
  bool Match(const google::protobuf::Descriptor& before, const google::protobuf::Descriptor& after);
  bool Match(const google::protobuf::EnumDescriptor& before,
             const google::protobuf::EnumDescriptor& after);

  // What breaks when a field of the type of `before`, whatever its label, gets that of `after`. The
  // types of messages and enums are matched.
  Broken CompareTypes(const google::protobuf::FieldDescriptor& before,
                      const google::protobuf::FieldDescriptor& after);

  // Moves the pairs that are still to be compared into the arguments, each pair once in all; false
  // when there are none.
  bool Take(std::vector<MessagePair>& messages, std::vector<EnumPair>& enums);

  // Whether a type is part of a pair.
  bool IsOld(const void* type) const { return old_.contains(type); }
  bool IsNew(const void* type) const { return new_.contains(type); }

 private:
  template <class Type>
  bool MatchType(const Type& before, const Type& after,
                 std::vector<std::pair<const Type*, const Type*>>& pending);

  std::map<std::pair<const void*, const void*>, bool> known_;  // whether a pair matches
  std::unordered_map<const void*, std::size_t> renames_;  // how many were looked at, by old type
  std::unordered_set<const void*> old_, new_;
  std::vector<MessagePair> messages_;
  std::vector<EnumPair> enums_;
};

}  // namespace puente
