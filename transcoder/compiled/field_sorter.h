// Puts the fields of a message into the order of their numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace puente {

// Serializers write fields in that order, save for some that put the members of oneofs elsewhere.
// Used by one thread.
class FieldSorter {
 public:
  // Sorts as many bytes as `budget`, each message of messages counted anew.
  explicit FieldSorter(std::size_t budget) : budget_(budget) {}

  // The fields of `message` by number, those of one number as they were: `message` itself where
  // they are, or where it is malformed; otherwise a copy that lives as long as the sorter. nullopt:
  // the budget is spent. Of unknown groups as many as `max_depth` may be nested.
  std::optional<std::string_view> Sort(std::string_view message, int max_depth);

 private:
  struct Field {
    std::uint32_t number;
    std::string_view bytes;
  };
  // False: malformed.
  bool Split(std::string_view message, int max_depth);

  std::size_t budget_;
  std::vector<Field> fields_;
  std::deque<std::string> sorted_;
};

}  // namespace puente
