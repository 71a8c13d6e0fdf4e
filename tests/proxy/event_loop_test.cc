#include "proxy/event_loop.h"

#include <gmock/gmock.h>
#include <grpcpp/alarm.h>

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <thread>
#include <vector>

#include "proxy/upstream/completion_queue.h"

namespace puente {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kPatience = seconds(10);

// A loop that runs; what a test does with it, it does on the loop's thread.
class EventLoopTest : public testing::Test {
 public:
  ~EventLoopTest() override {
    loop_.Post([this] { loop_.Stop(); });
    thread_.join();
  }

  // Whether `task` ended within kPatience.
  bool Run(std::function<Task<>()> task) {
    auto ended = std::make_shared<std::promise<void>>();
    loop_.Post([this, task = std::move(task), ended] {
      asio::co_spawn(
          loop_.executor(),
          [](std::function<Task<>()> task, std::shared_ptr<std::promise<void>> ended) -> Task<> {
            co_await task();
            ended->set_value();
          }(task, ended),
          asio::detached);
    });
    return ended->get_future().wait_for(kPatience) == std::future_status::ready;
  }

  // Completes on the completion queue, at once.
  Task<bool> AwaitAlarm() {
    grpc::Alarm alarm;
    co_return co_await AwaitCompletion(
        [&](void* tag) { alarm.Set(&loop_.queue(), std::chrono::system_clock::now(), tag); });
  }

  EventLoop loop_;
  std::thread thread_{[this] { loop_.Run(); }};
};

TEST_F(EventLoopTest, RunsWhatOtherThreadsPostOnItsOwnThread) {
  constexpr int kThreads = 4;
  constexpr int kEach = 1000;
  std::atomic<int> ran{0};
  std::atomic<int> elsewhere{0};
  std::promise<void> all;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) {
        loop_.Post([&] {
          if (std::this_thread::get_id() != thread_.get_id()) ++elsewhere;
          if (++ran == kThreads * kEach) all.set_value();
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(all.get_future().wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(elsewhere, 0);
}

TEST_F(EventLoopTest, ServesCompletionsAndHandlersInTurn) {
  constexpr int kRounds = 200;
  int rounds = 0;
  EXPECT_TRUE(Run([&]() -> Task<> {
    for (; rounds < kRounds; ++rounds) {
      const bool completed = co_await AwaitAlarm();
      if (!completed) break;
      co_await asio::post(loop_.executor(), use_task);
    }
  }));
  EXPECT_EQ(rounds, kRounds);
}

// A loop with much to do looks for more only now and then; nothing may be forgotten over that.
TEST_F(EventLoopTest, MuchAtOnceIsAllDone) {
  constexpr int kCoroutines = 500;
  constexpr int kRounds = 20;
  std::atomic<int> left{kCoroutines};
  std::promise<void> all;
  loop_.Post([&] {
    for (int i = 0; i < kCoroutines; ++i) {
      asio::co_spawn(
          loop_.executor(),
          [](EventLoopTest& test, std::atomic<int>& left, std::promise<void>& all) -> Task<> {
            for (int round = 0; round < kRounds; ++round) {
              static_cast<void>(co_await test.AwaitAlarm());
              co_await asio::post(test.loop_.executor(), use_task);
            }
            if (--left == 0) all.set_value();
          }(*this, left, all),
          asio::detached);
    }
  });
  EXPECT_EQ(all.get_future().wait_for(kPatience), std::future_status::ready);
}

// As a client does that pipelines what is answered here.
TEST_F(EventLoopTest, HandlersThatNeverEndLeaveCompletionsTheirTurn) {
  std::atomic<bool> stop{false};
  std::function<void()> again = [&] {
    if (!stop) asio::post(loop_.executor(), again);
  };
  loop_.Post(again);
  bool completed = false;
  EXPECT_TRUE(Run([&]() -> Task<> { completed = co_await AwaitAlarm(); }));
  EXPECT_TRUE(completed);
  stop = true;
  EXPECT_TRUE(Run([]() -> Task<> { co_return; }));
}

TEST_F(EventLoopTest, ATimerIsOnTimeThoughNothingElseHappens) {
  Clock::time_point due, woken;
  EXPECT_TRUE(Run([&]() -> Task<> {
    asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer(loop_.executor());
    due = Clock::now() + milliseconds(20);
    timer.expires_at(due);
    co_await timer.async_wait(use_task);
    woken = Clock::now();
  }));
  EXPECT_GE(woken, due);
}

TEST(EventLoop, StopsWithNothingToDo) {
  EventLoop loop;
  loop.Post([&] { loop.Stop(); });
  loop.Run();
}

}  // namespace
}  // namespace puente
