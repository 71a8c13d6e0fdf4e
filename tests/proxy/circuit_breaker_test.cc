#include "proxy/traffic/circuit_breaker.h"

#include <gmock/gmock.h>

#include <optional>
#include <thread>
#include <vector>

#include "config/duration_text.h"

namespace puente {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using State = CircuitBreaker::State;
using Refusal = CircuitBreaker::Refusal;
using Transition = CircuitBreaker::Transition;
using enum Outcome;

constexpr seconds kOpenFor{60};

config::CircuitBreaker Config(std::uint32_t failures, nanoseconds open_for = kOpenFor,
                              std::uint32_t max_concurrent = 1024) {
  config::CircuitBreaker config;
  config.set_failures(failures);
  *config.mutable_open_for() = ToProto(open_for);
  config.set_max_concurrent(max_concurrent);
  return config;
}

TEST(Outcome, OfCodes) {
  const struct {
    Code code;
    Outcome outcome;
  } kCases[] = {{Code::kOk, kSuccess},
                {Code::kCancelled, kNeutral},
                {Code::kUnknown, kFailure},
                {Code::kInvalidArgument, kSuccess},
                {Code::kDeadlineExceeded, kFailure},
                {Code::kNotFound, kSuccess},
                {Code::kAlreadyExists, kSuccess},
                {Code::kPermissionDenied, kSuccess},
                {Code::kResourceExhausted, kSuccess},
                {Code::kFailedPrecondition, kSuccess},
                {Code::kAborted, kSuccess},
                {Code::kOutOfRange, kSuccess},
                {Code::kUnimplemented, kSuccess},
                {Code::kInternal, kFailure},
                {Code::kUnavailable, kFailure},
                {Code::kDataLoss, kFailure},
                {Code::kUnauthenticated, kSuccess}};
  static_assert(std::size(kCases) == kCodeCount);
  for (const auto& [code, outcome] : kCases) {
    SCOPED_TRACE(CodeName(code));
    EXPECT_EQ(OutcomeOf(code), outcome);
    const bool deadline = code == Code::kDeadlineExceeded;
    EXPECT_EQ(OutcomeOf(code, DeadlineBy::kClient), deadline ? kNeutral : outcome);
  }
}

TEST(Outcome, OfHttpStatuses) {
  for (const int status : {200, 204, 304, 400, 404, 429, 499}) {
    EXPECT_EQ(OutcomeOfHttpStatus(status), kSuccess) << status;
  }
  for (const int status : {500, 501, 502, 503, 504, 599}) {
    EXPECT_EQ(OutcomeOfHttpStatus(status), kFailure) << status;
  }
}

TEST(Outcome, EveryHttpStatusOfTheCodeTableBecomesOneOfItsCodes) {
  for (int number = 1; number < kCodeCount; ++number) {
    const int status = HttpStatusOf(CodeOfNumber(number));
    EXPECT_EQ(HttpStatusOf(CodeOfHttpStatus(status)), status);
  }
}

TEST(Outcome, CodesOfHttpStatuses) {
  const struct {
    int status;
    Code code;
  } kCases[] = {{200, Code::kOk},
                {302, Code::kOk},
                {400, Code::kInvalidArgument},
                {409, Code::kAborted},
                {408, Code::kDeadlineExceeded},
                {418, Code::kInvalidArgument},
                {500, Code::kInternal},
                {502, Code::kUnavailable},
                {503, Code::kUnavailable},
                {504, Code::kDeadlineExceeded},
                {507, Code::kInternal},
                {429, Code::kResourceExhausted}};
  for (const auto& [status, code] : kCases) EXPECT_EQ(CodeOfHttpStatus(status), code) << status;
}

class CircuitBreakerTest : public testing::Test {
 protected:
  // A call that is admitted and ends at once.
  Transition Call(CircuitBreaker& breaker, Outcome outcome) {
    auto permit = breaker.Admit(now_);
    EXPECT_TRUE(permit.has_value());
    return permit ? permit->Report(outcome, now_) : Transition::kNone;
  }

  bool IsRefused(CircuitBreaker& breaker, Refusal refusal = Refusal::kOpen) {
    const auto permit = breaker.Admit(now_);
    return !permit && permit.error() == refusal;
  }

  CircuitBreaker::TimePoint now_{hours(24 * 365)};
  CircuitBreaker breaker_{Config(3)};
};

TEST_F(CircuitBreakerTest, OpensAfterSoManyFailuresInARow) {
  EXPECT_EQ(Call(breaker_, kFailure), Transition::kNone);
  EXPECT_EQ(Call(breaker_, kFailure), Transition::kNone);
  EXPECT_EQ(breaker_.state(), State::kClosed);
  EXPECT_EQ(Call(breaker_, kFailure), Transition::kOpened);
  EXPECT_EQ(breaker_.state(), State::kOpen);
  EXPECT_TRUE(IsRefused(breaker_));
  EXPECT_EQ(breaker_.in_flight(), 0u);
}

TEST_F(CircuitBreakerTest, ASuccessBeginsTheCountAnewAndWhatIsNeutralDoesNot) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Call(breaker_, kFailure), Transition::kNone);
    EXPECT_EQ(Call(breaker_, kFailure), Transition::kNone);
    EXPECT_EQ(Call(breaker_, kSuccess), Transition::kNone);
  }
  EXPECT_EQ(Call(breaker_, kFailure), Transition::kNone);
  EXPECT_EQ(Call(breaker_, kFailure), Transition::kNone);
  EXPECT_EQ(Call(breaker_, kNeutral), Transition::kNone);
  EXPECT_EQ(Call(breaker_, kFailure), Transition::kOpened);
}

TEST_F(CircuitBreakerTest, OneFailureMayBeEnough) {
  CircuitBreaker breaker(Config(1));
  EXPECT_EQ(Call(breaker, kFailure), Transition::kOpened);
}

TEST_F(CircuitBreakerTest, IsOpenForItsTimeAndNotShorter) {
  for (const nanoseconds open_for : {nanoseconds(kOpenFor), nanoseconds(milliseconds(1)),
                                     nanoseconds(1'500'000), nanoseconds(kMaxDuration)}) {
    SCOPED_TRACE(FormatDuration(open_for));
    CircuitBreaker breaker(Config(1, open_for));
    now_ += nanoseconds(999'999);
    Call(breaker, kFailure);
    const auto opened = now_;
    now_ = opened + open_for - nanoseconds(1);
    EXPECT_TRUE(IsRefused(breaker));
    now_ = opened + open_for + milliseconds(1);
    EXPECT_TRUE(breaker.Admit(now_).has_value());
  }
}

class HalfOpen : public CircuitBreakerTest {
 protected:
  HalfOpen() {
    for (int i = 0; i < 3; ++i) Call(breaker_, kFailure);
    now_ += kOpenFor + milliseconds(1);
  }
};

TEST_F(HalfOpen, LetsOneProbeThrough) {
  EXPECT_EQ(breaker_.state(), State::kOpen);
  const auto probe = breaker_.Admit(now_);
  ASSERT_TRUE(probe.has_value());
  EXPECT_EQ(breaker_.state(), State::kHalfOpen);
  now_ += kOpenFor - milliseconds(1);
  EXPECT_TRUE(IsRefused(breaker_));
  EXPECT_TRUE(IsRefused(breaker_));
  EXPECT_EQ(breaker_.in_flight(), 1u);
}

// A stream that has nothing to say must not keep everybody out.
TEST_F(HalfOpen, AProbeThatSaysNothingForLongIsFollowedByAnother) {
  auto quiet = breaker_.Admit(now_);
  ASSERT_TRUE(quiet.has_value());
  now_ += kOpenFor + milliseconds(1);
  auto next = breaker_.Admit(now_);
  ASSERT_TRUE(next.has_value());
  EXPECT_TRUE(IsRefused(breaker_));
  EXPECT_EQ(quiet->Report(kFailure, now_), Transition::kNone);
  EXPECT_EQ(breaker_.state(), State::kHalfOpen);
  EXPECT_EQ(next->Report(kSuccess, now_), Transition::kClosed);
}

TEST_F(HalfOpen, ClosesWhenTheProbeSucceeds) {
  EXPECT_EQ(Call(breaker_, kSuccess), Transition::kClosed);
  EXPECT_EQ(breaker_.state(), State::kClosed);
  EXPECT_EQ(Call(breaker_, kFailure), Transition::kNone);
  EXPECT_EQ(Call(breaker_, kFailure), Transition::kNone);
  EXPECT_EQ(Call(breaker_, kFailure), Transition::kOpened);
}

TEST_F(HalfOpen, OpensAgainWhenTheProbeFailsForAsLong) {
  EXPECT_EQ(Call(breaker_, kFailure), Transition::kReopened);
  EXPECT_EQ(breaker_.state(), State::kOpen);
  now_ += kOpenFor - milliseconds(1);
  EXPECT_TRUE(IsRefused(breaker_));
  now_ += milliseconds(2);
  EXPECT_EQ(Call(breaker_, kSuccess), Transition::kClosed);
}

TEST_F(HalfOpen, AProbeThatLearnsNothingMakesRoomForTheNext) {
  EXPECT_EQ(Call(breaker_, kNeutral), Transition::kNone);
  EXPECT_EQ(breaker_.state(), State::kHalfOpen);
  { const auto dropped = breaker_.Admit(now_); }
  EXPECT_EQ(breaker_.state(), State::kHalfOpen);
  auto probe = breaker_.Admit(now_);
  ASSERT_TRUE(probe.has_value());
  EXPECT_TRUE(IsRefused(breaker_));
  EXPECT_EQ(probe->Report(kSuccess, now_), Transition::kClosed);
}

TEST_F(HalfOpen, AProbeThatGoesOnAfterItsReportHoldsNobodyUp) {
  auto stream = breaker_.Admit(now_);
  ASSERT_TRUE(stream.has_value());
  EXPECT_EQ(stream->Report(kSuccess, now_), Transition::kClosed);
  EXPECT_EQ(Call(breaker_, kSuccess), Transition::kNone);
  EXPECT_EQ(breaker_.in_flight(), 1u);
}

TEST_F(CircuitBreakerTest, CallsThatBeganBeforeItOpenedChangeNothing) {
  for (const Outcome late : {kSuccess, kFailure, kNeutral}) {
    CircuitBreaker breaker(Config(3));
    std::vector<CircuitBreaker::Permit> early;
    for (int i = 0; i < 9; ++i) early.push_back(*breaker.Admit(now_));
    const auto report = [&](std::size_t first) {
      for (std::size_t i = first; i < first + 3; ++i) {
        EXPECT_EQ(early[i].Report(late, now_), Transition::kNone);
      }
    };
    for (int i = 0; i < 3; ++i) Call(breaker, kFailure);
    report(0);
    EXPECT_EQ(breaker.state(), State::kOpen);
    now_ += kOpenFor + milliseconds(1);
    auto probe = breaker.Admit(now_);
    report(3);
    EXPECT_EQ(breaker.state(), State::kHalfOpen);
    EXPECT_TRUE(IsRefused(breaker));
    EXPECT_EQ(probe->Report(kSuccess, now_), Transition::kClosed);
    // Nor do they when it is closed again.
    report(6);
    EXPECT_EQ(breaker.state(), State::kClosed);
  }
}

TEST_F(HalfOpen, AProbeThatWasGivenUpDoesNotSpeakForTheNext) {
  auto first = breaker_.Admit(now_);
  EXPECT_EQ(first->Report(kNeutral, now_), Transition::kNone);
  auto second = breaker_.Admit(now_);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(first->Report(kSuccess, now_), Transition::kNone);
  EXPECT_EQ(breaker_.state(), State::kHalfOpen);
}

TEST_F(CircuitBreakerTest, RefusesMoreThanMaxConcurrentAndStaysClosed) {
  CircuitBreaker breaker(Config(1, kOpenFor, 2));
  auto a = breaker.Admit(now_);
  std::optional b = *breaker.Admit(now_);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(IsRefused(breaker, Refusal::kTooMany));
  EXPECT_EQ(breaker.state(), State::kClosed);
  EXPECT_EQ(breaker.in_flight(), 2u);
  b.reset();
  EXPECT_EQ(breaker.in_flight(), 1u);
  EXPECT_EQ(Call(breaker, kSuccess), Transition::kNone);
}

TEST_F(CircuitBreakerTest, AMovedPermitStandsForOneCall) {
  auto first = *breaker_.Admit(now_);
  CircuitBreaker::Permit second = std::move(first);
  EXPECT_EQ(breaker_.in_flight(), 1u);
  auto third = *breaker_.Admit(now_);
  EXPECT_EQ(breaker_.in_flight(), 2u);
  third = std::move(second);
  EXPECT_EQ(breaker_.in_flight(), 1u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(third.Report(kFailure, now_), Transition::kNone);
  EXPECT_EQ(breaker_.state(), State::kClosed);
}

// Many threads, each of which lets calls succeed and fail: never are there more in flight than
// there may be, or two probes, and each transition is told once.
TEST(CircuitBreakerThreads, KeepTheRules) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 50'000;
  constexpr std::uint32_t kMost = 3;
  CircuitBreaker breaker(Config(2, milliseconds(1), kMost));
  std::atomic<std::uint32_t> in_flight{0};
  std::atomic<int> opened{0};
  std::atomic<int> reopened{0};
  std::atomic<int> closed{0};
  std::atomic<int> admitted{0};
  std::atomic<bool> too_many{false};
  std::atomic<std::int64_t> clock{0};
  const auto run = [&](unsigned seed) {
    for (int i = 0; i < kCalls; ++i) {
      const CircuitBreaker::TimePoint now{nanoseconds(clock += 100'000)};
      auto permit = breaker.Admit(now);
      if (!permit) continue;
      if (++in_flight > kMost) too_many = true;
      ++admitted;
      seed = seed * 1664525 + 1013904223;
      const Transition transition = permit->Report(static_cast<Outcome>((seed >> 16) % 3), now);
      opened += transition == Transition::kOpened ? 1 : 0;
      reopened += transition == Transition::kReopened ? 1 : 0;
      closed += transition == Transition::kClosed ? 1 : 0;
      --in_flight;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) threads.emplace_back(run, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(too_many);
  EXPECT_EQ(breaker.in_flight(), 0u);
  EXPECT_GT(admitted, 0);
  EXPECT_GT(reopened, 0);
  const int still_open = breaker.state() == State::kClosed ? 0 : 1;
  EXPECT_EQ(opened, closed + still_open);
  EXPECT_GT(closed, 0);
}

// All ask at once when it is time for a probe.
TEST(CircuitBreakerThreads, OneOfThemGetsTheProbe) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 300;
  CircuitBreaker::TimePoint now{hours(1)};
  CircuitBreaker breaker(Config(1));
  for (int round = 0; round < kRounds; ++round) {
    breaker.Admit(now)->Report(kFailure, now);
    now += 2 * kOpenFor;
    std::atomic<int> ready{0};
    std::vector<std::optional<CircuitBreaker::Permit>> permits(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (++ready; ready < kThreads;) std::this_thread::yield();
        if (auto permit = breaker.Admit(now))
          permits[static_cast<std::size_t>(i)] = *std::move(permit);
      });
    }
    for (std::thread& thread : threads) thread.join();
    int probes = 0;
    for (auto& permit : permits) {
      if (!permit) continue;
      ++probes;
      EXPECT_EQ(permit->Report(kSuccess, now), Transition::kClosed);
    }
    EXPECT_EQ(probes, 1);
  }
}

}  // namespace
}  // namespace puente
