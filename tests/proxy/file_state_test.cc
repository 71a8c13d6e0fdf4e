#include "proxy/reload/file_state.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp_dir.h"

namespace puente {
namespace {

using test::TempDir;
namespace fs = std::filesystem;

TEST(FileState, TellsWhatAFileHolds) {
  const TempDir dir;
  const std::string file = dir.Write("a", "1");
  FileState state;
  EXPECT_TRUE(state.Look(file));
  const auto first = state.content();
  EXPECT_TRUE(first.has_value());
  EXPECT_FALSE(state.Look(file));
  dir.Write("a", "12");
  EXPECT_TRUE(state.Look(file));
  EXPECT_NE(state.content(), first);
  dir.Write("a", "1");
  EXPECT_TRUE(state.Look(file));
  EXPECT_EQ(state.content(), first);
}

// The times of a file tick every few milliseconds only.
TEST(FileState, SeesAWriteOfTheSameSizeRightAfterALook) {
  const TempDir dir;
  const std::string file = dir.Write("a", "000");
  std::fstream out(file, std::ios::in | std::ios::out);
  FileState state;
  state.Look(file);
  for (int i = 100; i < 999; ++i) {
    out.seekp(0) << i << std::flush;
    ASSERT_TRUE(state.Look(file)) << i;
  }
}

TEST(FileState, WhatIsNoRegularFileHoldsNothing) {
  const TempDir dir;
  FileState state;
  EXPECT_FALSE(state.Look(dir.File("a")));
  EXPECT_FALSE(state.Look(dir.path().string()));
  EXPECT_FALSE(state.Look("/dev/null"));
  EXPECT_FALSE(state.content().has_value());
}

TEST(FileState, GoneAndBack) {
  const TempDir dir;
  const std::string file = dir.Write("a", "1");
  FileState state;
  EXPECT_TRUE(state.Look(file));
  fs::remove(file);
  EXPECT_TRUE(state.Look(file));
  EXPECT_FALSE(state.content().has_value());
  EXPECT_FALSE(state.Look(file));
  dir.Write("a", "1");
  EXPECT_TRUE(state.Look(file));
}

}  // namespace
}  // namespace puente
