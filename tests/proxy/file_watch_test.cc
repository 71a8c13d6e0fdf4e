#include "proxy/reload/file_watch.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "proxy/file_contents.h"
#include "proxy/reload/folder_watch.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace puente {
namespace {

using test::TempDir;
using test::WaitUntil;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

using Names = std::vector<std::string>;

// What a watch has told.
class Told {
 public:
  void Add(const Names& files) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(files);
  }
  std::vector<Names> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::size_t count() const { return calls().size(); }

 private:
  mutable std::mutex mutex_;
  std::vector<Names> calls_;
};

struct Means {
  const char* name;
  FileWatchOptions options;
};
void PrintTo(const Means& means, std::ostream* out) { *out << means.name; }

// Each of them alone: what one does not see is not seen.
const Means kInotify{"Inotify", {.poll_interval = 1h}};
const Means kPolling{"Polling", {.poll_interval = 10ms, .use_inotify = false}};

// Watches a.yaml and b.yaml in a folder.
class FileWatchTest : public ::testing::TestWithParam<Means> {
 protected:
  FileWatchTest() {
    a_ = dir_.Write("a.yaml", "a");
    b_ = dir_.Write("b.yaml", "b");
  }

  void Watch(const Names& files) { Watch(files, GetParam().options); }
  void Watch(const Names& files, const FileWatchOptions& options) {
    watch_.emplace(
        files, [this](const Names& changed) { told_.Add(changed); }, options);
  }

  // Whether this, and nothing else, is told next.
  void ExpectNext(const Names& files) {
    ++expected_;
    ASSERT_TRUE(WaitUntil([this] { return told_.count() >= expected_; }));
    EXPECT_EQ(told_.calls()[expected_ - 1], files);
    EXPECT_EQ(told_.count(), expected_);
  }
  // Nothing else was told up to now: a change of `b` is told next, and alone.
  void ExpectNothingElse() {
    dir_.Write("b.yaml", fmt::format("sentinel {}", expected_));
    ExpectNext({b_});
  }

  // As an editor does, and `kubectl cp`.
  void Replace(const std::string& file, const std::string& content) {
    fs::rename(dir_.Write("new", content), file);
  }

  TempDir dir_;
  std::string a_, b_;
  Told told_;
  std::size_t expected_ = 0;
  std::optional<FileWatch> watch_;
};

INSTANTIATE_TEST_SUITE_P(By, FileWatchTest, ::testing::Values(kInotify, kPolling),
                         [](const auto& info) { return info.param.name; });

TEST_P(FileWatchTest, WrittenInPlace) {
  Watch({a_, b_});
  dir_.Write("a.yaml", "other");
  ExpectNext({a_});
  dir_.Write("a.yaml", "again");
  ExpectNext({a_});
  ExpectNothingElse();
}

TEST_P(FileWatchTest, OfTheSameSizeAndWrittenAtOnceAgain) {
  Watch({a_, b_});
  for (const char* content : {"1", "2", "3", "4", "5"}) {
    dir_.Write("a.yaml", content);
    ExpectNext({a_});
  }
}

TEST_P(FileWatchTest, ReplacedByAnother) {
  Watch({a_, b_});
  Replace(a_, "other");
  ExpectNext({a_});
  Replace(a_, "again");
  ExpectNext({a_});
  ExpectNothingElse();
}

TEST_P(FileWatchTest, MovedAwayAndWrittenAnew) {
  Watch({a_, b_});
  fs::rename(a_, a_ + "~");
  dir_.Write("a.yaml", "other");
  fs::remove(a_ + "~");
  ExpectNext({a_});
  ExpectNothingElse();
}

TEST_P(FileWatchTest, SeveralAtOnceAreToldOnce) {
  auto options = GetParam().options;
  options.quiet = 500ms;
  Watch({a_, b_}, options);
  Replace(a_, "other");
  Replace(b_, "other");
  ExpectNext({a_, b_});
  ExpectNothingElse();
}

TEST_P(FileWatchTest, WrittenInPartsIsToldWhenItIsWhole) {
  auto options = GetParam().options;
  options.quiet = 500ms;
  options.patience = 1h;
  std::string seen;
  FileWatch watch(
      {a_},
      [&](const Names& files) {
        seen += ReadFile(a_).value_or("none") + "|";
        told_.Add(files);
      },
      options);
  std::ofstream out(a_, std::ios::trunc);
  out << "first " << std::flush;
  std::this_thread::sleep_for(50ms);  // between the parts: far less than `quiet`
  out << "second" << std::flush;
  out.close();
  ExpectNext({a_});
  watch.Stop();
  EXPECT_EQ(seen, "first second|");
}

TEST_P(FileWatchTest, ChangesThatDoNotStopAreToldAllTheSame) {
  auto options = GetParam().options;
  options.quiet = 1h;
  options.patience = 100ms;
  Watch({a_}, options);
  int written = 0;
  EXPECT_TRUE(WaitUntil([&] {
    dir_.Write("a.yaml", std::to_string(++written));
    return told_.count() >= 2;
  }));
}

TEST_P(FileWatchTest, AThousandChangesAreToldAFewTimesAndTheLastOneAlways) {
  std::atomic<bool> last_seen{false};
  const FileWatchOptions options = GetParam().options;
  const auto begin = std::chrono::steady_clock::now();
  FileWatch watch(
      {a_},
      [&](const Names& files) {
        told_.Add(files);
        if (ReadFile(a_).value_or("") == "change 999") last_seen = true;
      },
      options);
  for (int i = 0; i < 1000; ++i) Replace(a_, fmt::format("change {}", i));
  EXPECT_TRUE(WaitUntil([&] { return last_seen.load(); }));
  watch.Stop();
  const auto most = (std::chrono::steady_clock::now() - begin) / options.quiet + 1;
  EXPECT_LE(told_.count(), static_cast<std::size_t>(most));
}

TEST_P(FileWatchTest, TouchedIsNotChanged) {
  Watch({a_, b_});
  fs::last_write_time(a_, fs::file_time_type::clock::now() + 1h);
  ExpectNothingElse();
  Replace(a_, "a");
  ExpectNothingElse();
  fs::permissions(a_, fs::perms::owner_read);
  ExpectNothingElse();
}

TEST_P(FileWatchTest, AnotherFileOfTheFolderDoesNotMatter) {
  Watch({a_, b_});
  dir_.Write("a.yaml.swp", "x");
  dir_.Write("access.log", "x");
  ExpectNothingElse();
}

TEST_P(FileWatchTest, GoneAndBackWithTheSame) {
  Watch({a_, b_});
  fs::remove(a_);
  dir_.Write("a.yaml", "a");
  ExpectNothingElse();
}

TEST_P(FileWatchTest, GoneAndBackWithOther) {
  Watch({a_, b_});
  fs::remove(a_);
  dir_.Write("a.yaml", "other");
  ExpectNext({a_});
  ExpectNothingElse();
}

// Whoever was told of `b` found no `a`.
TEST_P(FileWatchTest, MissingWhenAnotherIsToldItIsNewWhenItIsBack) {
  Watch({a_, b_});
  fs::remove(a_);
  ExpectNothingElse();
  dir_.Write("a.yaml", "a");
  ExpectNext({a_});
}

TEST_P(FileWatchTest, MissingAtFirstWithItsFolders) {
  const std::string file = dir_.File("conf/d/c.yaml");
  Watch({file, b_});
  ExpectNothingElse();
  fs::create_directories(dir_.File("conf/d"));
  dir_.Write("conf/d/c.yaml", "c");
  ExpectNext({file});
  dir_.Write("conf/d/c.yaml", "other");
  ExpectNext({file});
  ExpectNothingElse();
}

TEST_P(FileWatchTest, FolderReplaced) {
  fs::create_directory(dir_.File("conf"));
  fs::create_directory(dir_.File("conf.new"));
  const std::string file = dir_.Write("conf/c.yaml", "c");
  dir_.Write("conf.new/c.yaml", "other");
  Watch({file, b_});
  fs::rename(dir_.File("conf"), dir_.File("conf.old"));
  fs::rename(dir_.File("conf.new"), dir_.File("conf"));
  ExpectNext({file});
  dir_.Write("conf.old/c.yaml", "not any more");
  ExpectNothingElse();
  dir_.Write("conf/c.yaml", "again");
  ExpectNext({file});
}

TEST_P(FileWatchTest, SymlinkedFolderTurnedElsewhere) {
  fs::create_directories(dir_.File("releases/1"));
  fs::create_directories(dir_.File("releases/2"));
  dir_.Write("releases/1/c.yaml", "c");
  dir_.Write("releases/2/c.yaml", "other");
  fs::create_directory_symlink("releases/1", dir_.File("current"));
  const std::string file = dir_.File("current/./../../current/c.yaml");
  Watch({file, b_});
  fs::create_directory_symlink(dir_.File("releases/2"), dir_.File("current.new"));
  fs::rename(dir_.File("current.new"), dir_.File("current"));
  ExpectNext({file});
  dir_.Write("releases/1/c.yaml", "not any more");
  ExpectNothingElse();
  dir_.Write("releases/2/c.yaml", "again");
  ExpectNext({file});
}

TEST_P(FileWatchTest, ALinkToItselfIsAMissingFile) {
  const std::string file = dir_.File("loop");
  fs::create_symlink("loop", file);
  Watch({file, b_});
  ExpectNothingElse();
  Replace(file, "a file");
  ExpectNext({file});
}

// What comes out of a pipe is not for the watch.
TEST_P(FileWatchTest, APipeIsNotRead) {
  const std::string file = dir_.File("pipe");
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  Watch({file, b_});
  ExpectNothingElse();
}

// Folders as the kubelet writes those of a ConfigMap.
class ConfigMapVolume {
 public:
  explicit ConfigMapVolume(const TempDir& dir) : dir_(dir) {}

  // All files of the volume, at once.
  void Publish(const std::string& version, const std::map<std::string, std::string>& files) {
    const std::string folder = "..2026_" + version;
    fs::create_directory(dir_.File(folder));
    for (const auto& [name, content] : files)
      dir_.Write(fmt::format("{}/{}", folder, name), content);
    fs::create_directory_symlink(folder, dir_.File("..data_tmp"));
    fs::rename(dir_.File("..data_tmp"), dir_.File("..data"));
    for (const auto& [name, content] : files) {
      if (!fs::is_symlink(dir_.File(name)))
        fs::create_symlink(fs::path("..data") / name, dir_.File(name));
    }
    if (!published_.empty()) fs::remove_all(dir_.File(published_));
    published_ = folder;
  }

 private:
  const TempDir& dir_;
  std::string published_;
};

TEST_P(FileWatchTest, ConfigMapSwapped) {
  const TempDir dir;
  ConfigMapVolume volume(dir);
  volume.Publish("01", {{"puente.yaml", "1"}, {"api.pb", "1"}});
  const std::string config = dir.File("puente.yaml");
  const std::string api = dir.File("api.pb");
  Watch({config, api, b_});
  volume.Publish("02", {{"puente.yaml", "2"}, {"api.pb", "1"}});
  ExpectNext({config});
  volume.Publish("03", {{"puente.yaml", "3"}, {"api.pb", "3"}});
  ExpectNext({api, config});
  volume.Publish("04", {{"puente.yaml", "3"}, {"api.pb", "3"}});
  ExpectNothingElse();
  volume.Publish("05", {{"puente.yaml", "5"}, {"api.pb", "3"}});
  ExpectNext({config});
  dir.Write("..2026_05/api.pb", "in place");
  ExpectNext({api});
  ExpectNothingElse();
}

TEST_P(FileWatchTest, TheSetOfFilesCanBeReplaced) {
  const std::string c = dir_.Write("c.yaml", "c");
  Watch({a_, b_});
  dir_.Write("a.yaml", "changed before it is told");
  watch_->SetFiles({a_, b_, c});
  ExpectNext({a_});
  watch_->SetFiles({b_, c});
  dir_.Write("a.yaml", "of no interest any more");
  ExpectNothingElse();
  dir_.Write("c.yaml", "other");
  ExpectNext({c});
}

TEST_P(FileWatchTest, TheSetOfFilesCanBeReplacedByWhoIsTold) {
  const std::string c = dir_.Write("c.yaml", "c");
  watch_.emplace(
      Names{a_, b_},
      [&](const Names& files) {
        watch_->SetFiles({b_, c});
        told_.Add(files);
      },
      GetParam().options);
  dir_.Write("a.yaml", "other");
  ExpectNext({a_});
  dir_.Write("c.yaml", "other");
  ExpectNext({c});
}

TEST_P(FileWatchTest, ChangesWhileOneIsToldAreToldNext) {
  std::promise<void> go_on;
  std::atomic<int> begun{0};
  FileWatch watch(
      {a_},
      [&](const Names& files) {
        if (++begun == 1) go_on.get_future().wait();
        told_.Add(files);
      },
      GetParam().options);
  dir_.Write("a.yaml", "other");
  EXPECT_TRUE(WaitUntil([&] { return begun == 1; }));
  dir_.Write("a.yaml", "again");
  go_on.set_value();
  EXPECT_TRUE(WaitUntil([&] { return told_.count() == 2; }));
}

// Who read the file in between has to hear of it.
TEST_P(FileWatchTest, AChangeThatIsTakenBackIsToldToWhoHasReadIt) {
  auto options = GetParam().options;
  options.quiet = 300ms;
  Watch({a_}, options);
  const std::string before = ReadFile(a_).value();
  dir_.Write("a.yaml", "other");
  watch_->NoteRead();
  dir_.Write("a.yaml", before);
  ExpectNext({a_});
}

TEST_P(FileWatchTest, StopsWithoutWaitingForAnything) {
  auto options = GetParam().options;
  options.poll_interval = 1h;
  Watch({a_, b_}, options);
  const auto begin = std::chrono::steady_clock::now();
  watch_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  watch_->Stop();
  dir_.Write("a.yaml", "other");
  watch_.reset();
  EXPECT_THAT(told_.calls(), IsEmpty());
}

TEST_P(FileWatchTest, StopsWhileFilesChange) {
  auto options = GetParam().options;
  options.quiet = 1h;
  options.patience = 2h;
  Watch({a_}, options);
  dir_.Write("a.yaml", "other");
  watch_.reset();
  EXPECT_THAT(told_.calls(), IsEmpty());
}

// A system that gives no more inotify instances, as many containers on one node come to.
TEST(FolderWatchTest, SaysWhyItCanTellNothing) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  FolderWatch watch(true);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(watch.descriptor(), -1);
  EXPECT_THAT(watch.problem(), HasSubstr("inotify: "));
  watch.Watch({{"/", "tmp"}});
  EXPECT_THAT(watch.problem(), HasSubstr("inotify: "));
  EXPECT_EQ(FolderWatch(false).problem(), "");
}

}  // namespace
}  // namespace puente
