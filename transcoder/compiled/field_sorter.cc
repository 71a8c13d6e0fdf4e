#include "transcoder/compiled/field_sorter.h"

#include <algorithm>

#include "transcoder/compiled/wire_cursor.h"

namespace puente {

std::optional<std::string_view> FieldSorter::Sort(std::string_view message, int max_depth) {
  const bool is_sound = Split(message, max_depth);
  if (!is_sound || std::ranges::is_sorted(fields_, {}, &Field::number)) return message;
  if (message.size() > budget_) return std::nullopt;
  budget_ -= message.size();
  std::ranges::stable_sort(fields_, {}, &Field::number);
  std::string& copy = sorted_.emplace_back();
  copy.reserve(message.size());
  for (const Field& field : fields_) copy.append(field.bytes);
  return copy;
}

bool FieldSorter::Split(std::string_view message, int max_depth) {
  fields_.clear();
  for (WireCursor in(message); !in.done();) {
    const std::size_t before = in.left();
    FieldTag tag;
    if (!in.ReadTag(tag) || !in.Skip(tag, max_depth)) return false;
    fields_.push_back({tag.number(), message.substr(message.size() - before, before - in.left())});
  }
  return true;
}

}  // namespace puente
