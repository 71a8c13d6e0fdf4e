// What decides where a path leads.
#pragma once

#include <string>
#include <vector>

namespace puente {

// A name in a folder, which is absolute and goes through no symlink.
struct PathEntry {
  std::string folder;
  std::string name;
  bool operator==(const PathEntry&) const = default;
};

// The entries of the file system that `file` depends on, in the order in which they are looked up:
// every symlink that it goes through, and the file itself; or, where the path ends early, the entry
// that is not there. Folders on the way that are no symlinks are left out: who watches the folders
// of the result is told when those go away themselves.
//
// For a key of a Kubernetes ConfigMap, /etc/puente/puente.yaml, these are puente.yaml and ..data in
// /etc/puente, and puente.yaml in /etc/puente/..2026_01.
std::vector<PathEntry> EntriesOf(const std::string& file);

}  // namespace puente
