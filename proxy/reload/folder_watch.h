// What the system tells of changes in folders (inotify).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "proxy/reload/path_entries.h"
#include "proxy/reload/system_handle.h"

namespace puente {

// Used by one thread at a time, save for `descriptor`.
class FolderWatch {
 public:
  // With `enabled` false the system is never asked.
  explicit FolderWatch(bool enabled);

  // Can be read when the system has told something; -1 when it never will.
  int descriptor() const { return inotify_.number(); }

  // Watches these entries from now on, and no others. An entry need not be there; a folder that is
  // not there is passed over.
  void Watch(const std::vector<PathEntry>& entries);

  // Takes what the system has told, and does not block. Whether any of it may concern an entry.
  bool TakeEvents();

  // Why changes of some entries are not told, for a person; "" when all are.
  const std::string& problem() const { return problem_; }

 private:
  using Names = std::set<std::string, std::less<>>;

  const SystemHandle inotify_;
  std::map<int, Names> names_;  // by the number of the watch: one for each folder
  std::string problem_;
};

}  // namespace puente
