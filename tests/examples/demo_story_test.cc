#include "examples/demo_story.h"

#include <gmock/gmock.h>

#include <set>

#include "examples/demo_config.h"
#include "examples/shell.h"

namespace puente::examples {
namespace {

using testing::HasSubstr;

const StoryPlaces kPlaces{"http://proxy", "http://admin", "http://legacy", "/tmp/puente.yaml"};

TEST(RunInShell, GivesWhatIsPrintedOnEitherStream) {
  EXPECT_EQ(RunInShell("echo one; echo two >&2\nfor i in 3 4; do\n  echo $i\ndone"),
            "one\ntwo\n3\n4\n");
  EXPECT_THAT(RunInShell("/nowhere/program"), HasSubstr("/nowhere/program"));
}

TEST(Play, RunsTheLinesUntilTheyPrintWhatIsRight) {
  int runs = 0;
  const StoryStep step{"", "echo out",
                       [&](const std::string&) -> std::optional<std::string> {
                         return ++runs < 3 ? std::optional("not yet") : std::nullopt;
                       },
                       std::chrono::seconds(30)};
  std::string output;
  EXPECT_EQ(Play(step, output), std::nullopt);
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(output, "out\n");
}

TEST(Play, SaysWhatIsWrongWhenItsPatienceIsOver) {
  const auto never = [](const std::string& output) { return std::optional("is " + output); };
  std::string output;
  EXPECT_EQ(Play({"", "echo out", never}, output), "is out\n");
}

TEST(MigrationStory, CanFailAtEveryStep) {
  std::set<std::string> titles;
  for (const StoryStep& step : MigrationStory(kPlaces)) {
    EXPECT_NE(step.check(""), std::nullopt) << step.title;
    EXPECT_NE(step.check("curl: (7) Failed to connect"), std::nullopt) << step.title;
    EXPECT_EQ(step.title.find('\n'), std::string::npos);
    EXPECT_TRUE(titles.insert(step.title).second) << step.title;
  }
  EXPECT_GE(titles.size(), 10U);
}

// What the story edits must be there.
TEST(DemoConfig, HasARolloutToBeTurnedOn) {
  EXPECT_THAT(DemoConfig({}), HasSubstr("\n  # rollout: "));
}

TEST(DemoFile, GoesWithItsFolder) {
  std::filesystem::path path;
  {
    const DemoFile file("text");
    path = file.path();
    EXPECT_EQ(RunInShell("cat '" + path.string() + "'"), "text");
  }
  EXPECT_FALSE(std::filesystem::exists(path.parent_path()));
}

}  // namespace
}  // namespace puente::examples
