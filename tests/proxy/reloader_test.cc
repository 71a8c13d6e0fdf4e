#include "proxy/reload/reloader.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/proxy/logged_lines.h"
#include "tests/support/wait_until.h"

namespace puente {
namespace {

using test::kPatience;
using test::WaitUntil;
using testing::ElementsAre;

ReloadReport ReportOf(const std::string& change) {
  ReloadReport report;
  report.applied = true;
  report.changes = {change};
  return report;
}

TEST(Reloader, TellsWhoAskedWhatCameOfIt) {
  Reloader reloader([] { return ReportOf("a: 1 -> 2"); });
  std::promise<ReloadReport> told;
  reloader.Request("POST /reload", [&](const ReloadReport& report) { told.set_value(report); });
  auto report = told.get_future();
  ASSERT_EQ(report.wait_for(kPatience), std::future_status::ready);
  const ReloadReport got = report.get();
  EXPECT_TRUE(got.applied);
  EXPECT_THAT(got.changes, ElementsAre("a: 1 -> 2"));
}

TEST(Reloader, ReloadsOneAfterTheOtherOnAThreadOfItsOwn) {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::atomic<int> reloads{0};
  Reloader reloader([&] {
    most = std::max(most.load(), ++running);
    EXPECT_TRUE(WaitUntil([&] { return running <= 1; }));
    --running;
    ++reloads;
    return ReportOf("x");
  });
  for (int i = 0; i < 20; ++i) {
    const int before = reloads;
    reloader.Request("SIGHUP");
    EXPECT_TRUE(WaitUntil([&] { return reloads > before; }));
  }
  EXPECT_EQ(most, 1);
}

// What is asked for while a reload runs may concern what it has read already.
TEST(Reloader, RequestsThatWaitTogetherAreOneReloadAfterTheOneThatRuns) {
  std::counting_semaphore<> may_end{0};
  std::atomic<int> begun{0};
  const test::LoggedLines logged;
  Reloader reloader([&] {
    ++begun;
    EXPECT_TRUE(may_end.try_acquire_for(kPatience));
    return ReportOf(std::to_string(begun));
  });
  std::mutex mutex;
  std::vector<std::string> told;
  const auto done = [&](const ReloadReport& report) {
    const std::lock_guard lock(mutex);
    told.push_back(report.changes.front());
  };
  reloader.Request("first", done);
  ASSERT_TRUE(WaitUntil([&] { return begun == 1; }));
  for (int i = 0; i < 4; ++i) reloader.Request("file changed", done);
  reloader.Request("SIGHUP", done);
  may_end.release(2);
  EXPECT_TRUE(WaitUntil([&] {
    const std::lock_guard lock(mutex);
    return told.size() == 6;
  }));
  EXPECT_THAT(told, ElementsAre("1", "2", "2", "2", "2", "2"));
  EXPECT_EQ(begun, 2);
  EXPECT_THAT(logged.Text(), testing::HasSubstr("reload (first): 1 changes"));
  EXPECT_THAT(logged.Text(), testing::HasSubstr("reload (file changed, SIGHUP): 1 changes"));
}

TEST(Reloader, StopWaitsForTheReloadThatRunsAndTheOthersAreToldThatItEnds) {
  std::atomic<bool> may_end{false};
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
  Reloader reloader([&] {
    ++begun;
    EXPECT_TRUE(WaitUntil([&] { return may_end.load(); }));
    ++ended;
    return ReportOf("x");
  });
  std::atomic<int> applied{0};
  std::atomic<int> refused{0};
  const auto done = [&](const ReloadReport& report) { ++(report.applied ? applied : refused); };
  reloader.Request("first", done);
  ASSERT_TRUE(WaitUntil([&] { return begun == 1; }));
  reloader.Request("second", done);
  std::thread releasing([&] { may_end = true; });
  reloader.Stop();
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(applied, 1);
  EXPECT_EQ(refused, 1);
  releasing.join();
  reloader.Request("third", done);
  reloader.Stop();
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(applied, 1);
  EXPECT_EQ(refused, 2);
}

// The last good configuration stays, whatever goes wrong.
TEST(Reloader, AnExceptionIsARefusedReload) {
  Reloader reloader([]() -> ReloadReport { throw std::runtime_error("no more threads"); });
  std::promise<ReloadReport> told;
  reloader.Request("SIGHUP", [&](const ReloadReport& report) { told.set_value(report); });
  const ReloadReport report = told.get_future().get();
  EXPECT_FALSE(report.applied);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].message, "no more threads");
}

TEST(Reloader, ItsDestructorStopsIt) {
  std::atomic<int> reloads{0};
  {
    Reloader reloader([&] {
      ++reloads;
      return ReportOf("x");
    });
    reloader.Request("a");
    EXPECT_TRUE(WaitUntil([&] { return reloads == 1; }));
  }
  EXPECT_EQ(reloads, 1);
}

}  // namespace
}  // namespace puente
