// What is wrong with something that is loaded: every problem found, so that all can be mended at
// once.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace puente {

// One sentence each, complete in itself: it names the file, the service, the method or the template
// it is about.
using Problems = std::vector<std::string>;

// A loaded T, or all that is wrong with what it was to be loaded from (never empty then).
template <class T>
using Loaded = tl::expected<T, Problems>;

}  // namespace puente
