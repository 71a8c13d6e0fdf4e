#include "transcoder/compiled/name_index.h"

#include <bit>

namespace puente {

NameIndex::NameIndex(std::span<const Entry> entries) {
  if (entries.empty()) return;
  slots_.resize(std::bit_ceil(2 * entries.size()), {.name = {}, .value = kNone});
  mask_ = slots_.size() - 1;
  for (const Entry& entry : entries) {
    std::size_t at = Hash(entry.name) & mask_;
    while (slots_[at].value != kNone && slots_[at].name != entry.name) at = (at + 1) & mask_;
    if (slots_[at].value == kNone) slots_[at] = entry;
  }
}

}  // namespace puente
