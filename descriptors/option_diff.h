// Options of two versions of an element. None of them breaks a client.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <vector>

#include "descriptors/change.h"

namespace puente {

namespace option_diff {

// The options that are compared byte by byte: all but `deprecated` and google.api.http.
template <class Options>
std::string Others(Options options) {
  constexpr int kHttp = 72295728;  // google.api.http, where it is not linked in
  options.clear_deprecated();
  options.mutable_unknown_fields()->DeleteByNumber(kHttp);
  return options.SerializePartialAsString();
}
std::string Others(google::protobuf::MethodOptions options);

}  // namespace option_diff

// Of two descriptors of one kind. `element` is their full name.
template <class Descriptor>
void DiffOptions(const Descriptor& before, const Descriptor& after, const std::string& element,
                 std::vector<Change>& changes) {
  const auto& old_options = before.options();
  const auto& new_options = after.options();
  if (old_options.deprecated() != new_options.deprecated()) {
    changes.push_back({ChangeKind::kOptions, false, element,
                       new_options.deprecated() ? "deprecated" : "no longer deprecated"});
  }
  if (option_diff::Others(old_options) != option_diff::Others(new_options)) {
    changes.push_back({ChangeKind::kOptions, false, element, "options changed"});
  }
}

}  // namespace puente
