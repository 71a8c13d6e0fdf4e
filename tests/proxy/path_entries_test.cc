#include "proxy/reload/path_entries.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <ostream>
#include <string>

#include "tests/support/temp_dir.h"

namespace puente {

void PrintTo(const PathEntry& entry, std::ostream* out) {
  *out << entry.folder << " | " << entry.name;
}

namespace {

using test::TempDir;
using ::testing::ElementsAre;
namespace fs = std::filesystem;

class PathEntriesTest : public ::testing::Test {
 protected:
  PathEntriesTest() : top_(fs::canonical(dir_.path()).string()) {}

  TempDir dir_;
  const std::string top_;
};

TEST_F(PathEntriesTest, AFileIsAnEntryOfItsFolder) {
  fs::create_directories(dir_.File("x/y"));
  dir_.Write("x/y/a", "");
  EXPECT_THAT(EntriesOf(top_ + "/x/y/a"), ElementsAre(PathEntry{top_ + "/x/y", "a"}));
  EXPECT_THAT(EntriesOf(top_ + "/x/../x//./y/a"), ElementsAre(PathEntry{top_ + "/x/y", "a"}));
}

TEST_F(PathEntriesTest, SoIsWhatIsNotThere) {
  EXPECT_THAT(EntriesOf(top_ + "/a"), ElementsAre(PathEntry{top_, "a"}));
  EXPECT_THAT(EntriesOf(top_ + "/x/y/a"), ElementsAre(PathEntry{top_, "x"}));
  dir_.Write("file", "");
  EXPECT_THAT(EntriesOf(top_ + "/file/a"), ElementsAre(PathEntry{top_, "file"}));
}

TEST_F(PathEntriesTest, AFolderInPlaceOfAFileToo) {
  fs::create_directory(dir_.File("x"));
  EXPECT_THAT(EntriesOf(top_ + "/x"), ElementsAre(PathEntry{top_, "x"}));
}

TEST_F(PathEntriesTest, EverySymlinkOnTheWayIsAnEntry) {
  fs::create_directories(dir_.File("..2026_01"));
  dir_.Write("..2026_01/a", "");
  fs::create_symlink("..2026_01", dir_.File("..data"));
  fs::create_symlink("..data/a", dir_.File("a"));
  EXPECT_THAT(EntriesOf(top_ + "/a"), ElementsAre(PathEntry{top_, "a"}, PathEntry{top_, "..data"},
                                                  PathEntry{top_ + "/..2026_01", "a"}));
}

TEST_F(PathEntriesTest, SymlinksMayBeAbsoluteAndDangle) {
  fs::create_symlink(top_ + "/gone/a", dir_.File("a"));
  EXPECT_THAT(EntriesOf(top_ + "/a"), ElementsAre(PathEntry{top_, "a"}, PathEntry{top_, "gone"}));
}

TEST_F(PathEntriesTest, ACircleOfSymlinksEnds) {
  fs::create_symlink("b", dir_.File("a"));
  fs::create_symlink("a", dir_.File("b"));
  EXPECT_LE(EntriesOf(top_ + "/a").size(), 50U);
}

TEST_F(PathEntriesTest, ARelativePathBeginsInTheCurrentFolder) {
  const std::string relative = "puente-no-such-file";
  EXPECT_THAT(EntriesOf(relative),
              ElementsAre(PathEntry{fs::canonical(fs::current_path()).string(), relative}));
}

}  // namespace
}  // namespace puente
