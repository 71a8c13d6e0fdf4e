// `puente diff`: what changed between two versions of an API (design section 2).
#pragma once

#include <string>

namespace puente {

// Compares two files that hold FileDescriptorSets, prints what changed and returns the exit code:
// kOk, kRefused when a change is breaking, kBadUsage when a file can't be used, which is said on
// stderr.
int DiffFiles(const std::string& before, const std::string& after, bool json);

}  // namespace puente
