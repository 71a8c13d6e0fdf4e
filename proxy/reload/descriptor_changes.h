// What a reload of descriptors means to clients.
#pragma once

#include <string>
#include <vector>

#include "descriptors/descriptor_set.h"

namespace puente {

// What `puente diff` finds, a line each, by the names of the elements:
// "billing.v1.Invoice.total: field removed (JSON and wire)".
struct DescriptorChanges {
  std::vector<std::string> breaking;  // clients may stop working, or mean something else
  std::vector<std::string> others;
};
DescriptorChanges CompareDescriptors(const DescriptorSet& before, const DescriptorSet& after);

}  // namespace puente
