#include "proxy/telemetry/access_log/access_log_file.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/temp_dir.h"

namespace puente {
namespace {

using test::TempDir;
using testing::HasSubstr;

std::string ContentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

AccessLogFile MustOpen(const std::string& path) {
  auto file = AccessLogFile::Open(path);
  if (!file) throw std::runtime_error(file.error());
  return *std::move(file);
}

// Files may be no larger than this, until the end of its life.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST(AccessLogFile, IsMadeAndAppendedTo) {
  const TempDir dir;
  const std::string path = dir.File("access.log");
  EXPECT_EQ(MustOpen(path).Write("a\nb\n").lines, 0u);
  EXPECT_EQ(MustOpen(path).Write("c\n").lines, 0u);
  EXPECT_EQ(ContentOf(path), "a\nb\nc\n");
}

TEST(AccessLogFile, ThatCannotBeOpenedSaysWhy) {
  const TempDir dir;
  dir.Write("file", "");
  ASSERT_EQ(::mkfifo(dir.File("fifo").c_str(), 0600), 0);
  const std::pair<std::string, std::string> cases[] = {
      {dir.File("no/such/folder"), "No such file or directory"},
      {dir.path().string(), "Is a directory"},
      {dir.File("file/below"), "Not a directory"},
  };
  for (const auto& [path, reason] : cases) {
    const auto opened = AccessLogFile::Open(path);
    ASSERT_FALSE(opened) << path;
    EXPECT_EQ(opened.error(), reason) << path;
    const auto checked = AccessLogFile::Check(path);
    ASSERT_FALSE(checked) << path;
    EXPECT_EQ(checked.error(), reason) << path;
  }
  // It would wait for a reader forever.
  EXPECT_FALSE(AccessLogFile::Open(dir.File("fifo")));
}

TEST(AccessLogFile, CheckMakesNothing) {
  const TempDir dir;
  EXPECT_TRUE(AccessLogFile::Check(dir.File("access.log")));
  EXPECT_FALSE(std::filesystem::exists(dir.File("access.log")));
  EXPECT_TRUE(AccessLogFile::Check(dir.Write("there.log", "a\n")));
  EXPECT_EQ(ContentOf(dir.File("there.log")), "a\n");
  for (const char* path : {"stdout", "stderr", "a-file-of-the-current-folder.log"}) {
    EXPECT_TRUE(AccessLogFile::Check(path)) << path;
    EXPECT_FALSE(std::filesystem::exists(path)) << path;
  }
}

TEST(AccessLogFile, MayBeAStandardStream) {
  testing::internal::CaptureStdout();
  {
    AccessLogFile file = MustOpen("stdout");
    file.Write("to stdout\n");
    EXPECT_TRUE(file.FollowName());
  }
  MustOpen("stdout").Write("still open\n");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "to stdout\nstill open\n");
  testing::internal::CaptureStderr();
  MustOpen("stderr").Write("to stderr\n");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "to stderr\n");
  EXPECT_FALSE(std::filesystem::exists("stdout"));
}

TEST(AccessLogFile, ThatIsMovedOrRemovedIsOpenedAnew) {
  const TempDir dir;
  const std::string path = dir.File("access.log");
  AccessLogFile file = MustOpen(path);
  file.Write("1\n");
  EXPECT_TRUE(file.FollowName());
  file.Write("2\n");
  std::filesystem::rename(path, dir.File("access.log.1"));
  file.Write("3\n");
  EXPECT_TRUE(file.FollowName());
  file.Write("4\n");
  EXPECT_EQ(ContentOf(dir.File("access.log.1")), "1\n2\n3\n");
  EXPECT_EQ(ContentOf(path), "4\n");

  std::filesystem::remove(path);
  EXPECT_TRUE(file.FollowName());
  file.Write("5\n");
  EXPECT_EQ(ContentOf(path), "5\n");

  std::filesystem::rename(path, dir.File("access.log.2"));
  dir.Write("access.log", "made by logrotate\n");
  EXPECT_TRUE(file.FollowName());
  file.Write("6\n");
  EXPECT_EQ(ContentOf(path), "made by logrotate\n6\n");
}

TEST(AccessLogFile, ThatIsTruncatedIsWrittenFromItsBeginning) {
  const TempDir dir;
  const std::string path = dir.File("access.log");
  AccessLogFile file = MustOpen(path);
  file.Write("before\n");
  std::filesystem::resize_file(path, 0);
  EXPECT_TRUE(file.FollowName());
  file.Write("after\n");
  EXPECT_EQ(ContentOf(path), "after\n");
}

TEST(AccessLogFile, ThatCannotBeOpenedAnewStaysInUse) {
  const TempDir dir;
  std::filesystem::create_directory(dir.File("logs"));
  AccessLogFile file = MustOpen(dir.File("logs/access.log"));
  std::filesystem::rename(dir.File("logs"), dir.File("old"));
  const auto followed = file.FollowName();
  ASSERT_FALSE(followed);
  EXPECT_EQ(followed.error(), "No such file or directory");
  EXPECT_EQ(file.Write("kept\n").lines, 0u);
  EXPECT_EQ(ContentOf(dir.File("old/access.log")), "kept\n");
  std::filesystem::create_directory(dir.File("logs"));
  EXPECT_TRUE(file.FollowName());
  file.Write("new\n");
  EXPECT_EQ(ContentOf(dir.File("logs/access.log")), "new\n");
}

TEST(AccessLogFile, SaysWhatItLost) {
  AccessLogFile full = MustOpen("/dev/full");
  const auto loss = full.Write("a\nb\nc\n");
  EXPECT_EQ(loss.lines, 3u);
  EXPECT_EQ(loss.reason, "No space left on device");
  EXPECT_EQ(full.Write("").lines, 0u);
}

TEST(AccessLogFile, AfterHalfALineBeginsANewOne) {
  const TempDir dir;
  const std::string path = dir.File("access.log");
  AccessLogFile file = MustOpen(path);
  {
    const FileSizeLimit limit(7);
    EXPECT_EQ(file.Write("one\ntwo two\nthree\n").lines, 2u);
    EXPECT_EQ(file.Write("four\n").lines, 1u);
  }
  EXPECT_EQ(file.Write("five\n").lines, 0u);
  EXPECT_EQ(ContentOf(path), "one\ntwo\nfive\n");
}

TEST(AccessLogFile, AfterAWholeLineGoesOnBehindIt) {
  const TempDir dir;
  const std::string path = dir.File("access.log");
  AccessLogFile file = MustOpen(path);
  {
    const FileSizeLimit limit(4);
    EXPECT_EQ(file.Write("one\ntwo\n").lines, 1u);
  }
  EXPECT_EQ(file.Write("three\n").lines, 0u);
  EXPECT_EQ(ContentOf(path), "one\nthree\n");
}

}  // namespace
}  // namespace puente
