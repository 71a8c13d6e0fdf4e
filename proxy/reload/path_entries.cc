#include "proxy/reload/path_entries.h"

#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

namespace puente {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // as Linux has it

// The walk from the root along a path, which grows by where its symlinks lead.
class PathWalk {
 public:
  explicit PathWalk(const fs::path& path) { GoAlong(path); }

  std::vector<PathEntry> Run() && {
    while (!ahead_.empty()) {
      const fs::path name = std::move(ahead_.back());
      ahead_.pop_back();
      if (!Step(name)) break;
    }
    return std::move(entries_);
  }

 private:
  // What is left of the way goes after `path`.
  void GoAlong(const fs::path& path) {
    if (path.is_absolute()) folder_ = "/";
    const fs::path names = path.relative_path();
    ahead_.insert(ahead_.end(), std::make_reverse_iterator(names.end()),
                  std::make_reverse_iterator(names.begin()));
  }

  // Whether the way goes on.
  bool Step(const fs::path& name) {
    if (name.empty() || name == ".") return true;
    if (name == "..") {
      folder_ = folder_.parent_path();
      return true;
    }
    std::error_code error;
    const fs::file_status status = fs::symlink_status(folder_ / name, error);
    const bool is_folder_on_the_way = fs::is_directory(status) && !ahead_.empty();
    if (!is_folder_on_the_way) entries_.push_back({folder_.string(), name.string()});
    if (fs::is_symlink(status)) return Follow(name);
    folder_ /= name;
    return is_folder_on_the_way;
  }

  bool Follow(const fs::path& link) {
    std::error_code error;
    const fs::path target = fs::read_symlink(folder_ / link, error);
    if (error || ++links_ > kMostLinks) return false;
    GoAlong(target);
    return true;
  }

  fs::path folder_ = "/";
  std::vector<fs::path> ahead_;  // the next one last
  std::vector<PathEntry> entries_;
  int links_ = 0;
};

}  // namespace

std::vector<PathEntry> EntriesOf(const std::string& file) {
  std::error_code error;
  const fs::path path = fs::absolute(file, error);
  if (error) return {};
  return PathWalk(path).Run();
}

}  // namespace puente
