// In which order files that import each other can be built.
#pragma once

#include <cstddef>
#include <vector>

namespace puente {

// imports[f] are the files that file f imports; files are numbers below imports.size().
using ImportGraph = std::vector<std::vector<std::size_t>>;

struct ImportOrder {
  std::vector<std::size_t> files;                // every file once, after what it imports
  std::vector<std::size_t> depth;                // of each file: 1 for one that imports none
  std::vector<std::vector<std::size_t>> cycles;  // each file imports the next, the last the first
};

// Iterates instead of recursing, however long a chain of imports is. Tells the first cycles only
// where there are more than a person would read. With cycles, `files` still holds every file, but
// not every one after its imports.
ImportOrder OrderByImports(const ImportGraph& imports);

}  // namespace puente
