#include "proxy/reload/descriptor_changes.h"

#include <fmt/format.h>

#include "descriptors/descriptor_diff.h"

namespace puente {

DescriptorChanges CompareDescriptors(const DescriptorSet& before, const DescriptorSet& after) {
  DescriptorChanges changes;
  for (const Change& change : DiffDescriptors(before, after)) {
    auto& lines = change.breaking ? changes.breaking : changes.others;
    lines.push_back(fmt::format("{}: {}", change.element, change.text));
  }
  return changes;
}

}  // namespace puente
