// Tells when the files of a configuration have changed.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "proxy/reload/file_state.h"
#include "proxy/reload/folder_watch.h"
#include "proxy/reload/system_handle.h"

namespace puente {

struct FileWatchOptions {
  // How long nothing must happen after a change before it is told: a file may be written in parts,
  // and several files one after the other.
  std::chrono::milliseconds quiet{50};
  // How long a change waits for that.
  std::chrono::milliseconds patience{1000};
  // How often files are looked at unasked: not every file system tells of changes, and not for
  // every folder.
  std::chrono::milliseconds poll_interval{5000};
  bool use_inotify = true;
};

// Watches what files hold, by whatever symlinks their paths go: a file that is written, renamed
// over or touched, a symlink or a folder that is replaced (the `..data` of a Kubernetes ConfigMap).
// What counts is the content: a file that was touched, or that was away for a while, has not
// changed. A file may be missing; that one is gone is not told until there is another.
//
// Has a thread of its own. All functions may be called from any thread, but Stop not from
// `changed`.
class FileWatch {
 public:
  // `files`, as they were given, hold something else than when this was last called, or than when
  // they were given. Called on the watch's thread, one at a time, at most once per
  // `FileWatchOptions::quiet` however often files change, and at least once after the last change.
  // May take its time, may call SetFiles, must not throw.
  using Changed = std::function<void(const std::vector<std::string>& files)>;

  // Changes count from now on: what reads the files does so after this, or changes in between are
  // missed.
  FileWatch(const std::vector<std::string>& files, Changed changed, FileWatchOptions options = {});
  // As Stop.
  ~FileWatch();

  // Watches `files` instead. Of those that are watched already no change is missed; of the others
  // changes count from now on.
  void SetFiles(const std::vector<std::string>& files);

  // What the files hold now counts as told: whoever reads them does so after this. Otherwise a
  // change that is taken back within `quiet` would leave the reader with what was in between.
  void NoteRead();

  // Returns when `changed` is not called any more; waits for it while it runs.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Watched {
    FileState state;
    std::optional<std::size_t> told;  // the content that `changed` knows of
  };

  void Run(const std::stop_token& stop);
  // Whether the system told of something before `until`. False at once when it is time to stop.
  bool AwaitEvent(Clock::time_point until);
  void AwaitQuiet(Clock::time_point until);
  // Whether any file holds something else than at the last look.
  bool Look();
  void Tell();
  void PlaceWatches();  // The caller holds mutex_.

  const Changed changed_;
  const FileWatchOptions options_;
  const SystemHandle stopping_;  // an eventfd
  std::mutex mutex_;             // guards the next three; not held while `changed` runs
  std::map<std::string, Watched, std::less<>> files_;
  FolderWatch folders_;
  std::string problem_;  // that was logged last
  std::jthread thread_;  // last: it uses the others
};

}  // namespace puente
