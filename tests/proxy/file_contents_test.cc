#include "proxy/file_contents.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/support/temp_dir.h"

namespace puente {
namespace {

using testing::HasSubstr;

TEST(ReadFile, ReturnsEveryByte) {
  const test::TempDir folder;
  std::string bytes;
  for (int i = 0; i < 70'000; ++i) bytes.push_back(static_cast<char>(i));
  for (const std::string& content : {bytes, std::string("\0\r\n\xff", 4), std::string()}) {
    const auto read = ReadFile(folder.Write("file", content));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(*read, content);
  }
}

TEST(ReadFile, NamesTheFileAndTheReason) {
  const test::TempDir folder;
  const auto missing = ReadFile(folder.path() / "api.pb");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error(), "can't read " + folder.File("api.pb") + ": No such file or directory");
  const auto directory = ReadFile(folder.path());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error(), "can't read " + folder.path().string() + ": Is a directory");
}

}  // namespace
}  // namespace puente
