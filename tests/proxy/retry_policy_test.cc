#include "proxy/traffic/retry_policy.h"

#include <gmock/gmock.h>

#include "config/duration_text.h"

namespace puente {
namespace {

using google::protobuf::MethodOptions;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::Optional;

constexpr double kHalf = 0.5;

config::Retry Config() {
  config::Retry config;
  config.set_attempts(4);
  config.add_on(config::STATUS_CODE_UNAVAILABLE);
  config.add_on(config::STATUS_CODE_RESOURCE_EXHAUSTED);
  *config.mutable_backoff()->mutable_initial() = ToProto(milliseconds(100));
  *config.mutable_backoff()->mutable_max() = ToProto(milliseconds(250));
  return config;
}

// One that is worth another try.
FailedTry Unavailable() { return {.code = Code::kUnavailable, .idempotent = true}; }

TEST(IsIdempotent, ByHttpMethodOrByTheMarkOfTheMethod) {
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
    EXPECT_TRUE(IsIdempotent(method, MethodOptions::IDEMPOTENCY_UNKNOWN)) << method;
  }
  for (const char* method : {"POST", "PATCH", "LOCK", "get", ""}) {
    EXPECT_FALSE(IsIdempotent(method, MethodOptions::IDEMPOTENCY_UNKNOWN)) << method;
    EXPECT_TRUE(IsIdempotent(method, MethodOptions::IDEMPOTENT)) << method;
    EXPECT_TRUE(IsIdempotent(method, MethodOptions::NO_SIDE_EFFECTS)) << method;
  }
}

TEST(RetryPolicy, IsTriedAgain) {
  const RetryPolicy policy(Config());
  const struct {
    const char* name;
    Code code;
    bool idempotent;
    bool never_reached;
    bool answered;
    bool again;
  } kCases[] = {
      {"a listed code, idempotent", Code::kUnavailable, true, false, false, true},
      {"another listed code", Code::kResourceExhausted, true, false, false, true},
      {"a code that is not listed", Code::kInternal, true, false, false, false},
      {"success", Code::kOk, true, false, false, false},
      {"not idempotent", Code::kUnavailable, false, false, false, false},
      {"not idempotent, and never there", Code::kUnavailable, false, true, false, true},
      {"never there, whatever the code", Code::kUnknown, false, true, false, true},
      {"the client has seen something", Code::kUnavailable, true, false, true, false},
      {"the client has seen something of nothing", Code::kUnavailable, true, true, true, false},
  };
  for (const auto& one : kCases) {
    const FailedTry failed{.code = one.code,
                           .idempotent = one.idempotent,
                           .never_reached = one.never_reached,
                           .answered = one.answered};
    EXPECT_EQ(policy.WaitAfter(failed, kHalf).has_value(), one.again) << one.name;
  }
}

TEST(RetryPolicy, TheFirstTryCountsAsOneOfTheAttempts) {
  const RetryPolicy policy(Config());
  FailedTry failed = Unavailable();
  for (failed.number = 1; failed.number < 4; ++failed.number) {
    EXPECT_TRUE(policy.WaitAfter(failed, kHalf)) << failed.number;
  }
  EXPECT_FALSE(policy.WaitAfter(failed, kHalf));
  config::Retry once = Config();
  once.set_attempts(1);
  EXPECT_FALSE(RetryPolicy(once).WaitAfter(Unavailable(), kHalf));
}

TEST(RetryPolicy, WaitsARandomPartOfATimeThatDoubles) {
  const RetryPolicy policy(Config());
  const struct {
    std::uint32_t number;
    double random;
    nanoseconds wait;
  } kCases[] = {{1, 0, milliseconds(0)},     {1, 0.5, milliseconds(50)},
                {1, 0.75, milliseconds(75)}, {2, 0.5, milliseconds(100)},
                {3, 0.5, milliseconds(125)}, {3, 0, milliseconds(0)}};
  for (const auto& [number, random, wait] : kCases) {
    FailedTry failed = Unavailable();
    failed.number = number;
    EXPECT_THAT(policy.WaitAfter(failed, random), Optional(wait)) << number << " " << random;
  }
}

TEST(RetryPolicy, WaitsAreBoundedHoweverManyTriesThereAre) {
  config::Retry config = Config();
  config.set_attempts(4'000'000'000);
  *config.mutable_backoff()->mutable_max() = ToProto(kMaxDuration);
  FailedTry failed = Unavailable();
  failed.number = 3'999'999'999;
  EXPECT_THAT(RetryPolicy(config).WaitAfter(failed, kHalf),
              Optional(nanoseconds(kMaxDuration) / 2));
}

TEST(RetryPolicy, DoesWhatTheUpstreamAsksFor) {
  const RetryPolicy policy(Config());
  const struct {
    const char* text;
    std::optional<nanoseconds> wait;
  } kCases[] = {
      {"0", milliseconds(0)},       {"7", milliseconds(7)},
      {"3600000", hours(1)},        {"2147483647", milliseconds(2147483647)},
      {"-1", std::nullopt},         {"-9223372036854775808", std::nullopt},
      {"2147483648", std::nullopt}, {"99999999999999999999", std::nullopt},
      {"", std::nullopt},           {"soon", std::nullopt},
      {"10ms", std::nullopt},       {" 10", std::nullopt},
      {"1.5", std::nullopt},
  };
  for (const auto& [text, wait] : kCases) {
    FailedTry failed = Unavailable();
    failed.pushback = text;
    EXPECT_EQ(policy.WaitAfter(failed, kHalf), wait) << text;
  }
}

TEST(RetryPolicy, WaitsAsLongAsRetryAfterSays) {
  const RetryPolicy policy(Config());
  const nanoseconds backoff = milliseconds(50);
  const struct {
    const char* text;
    nanoseconds wait;
  } kCases[] = {
      {"0", milliseconds(0)},
      {"7", seconds(7)},
      {"2147483647", seconds(2147483647)},
      {"-1", backoff},
      {"2147483648", backoff},
      {"", backoff},
      {"1.5", backoff},
      {"Fri, 31 Dec 1999 23:59:59 GMT", backoff},
  };
  for (const auto& [text, wait] : kCases) {
    FailedTry failed = Unavailable();
    failed.retry_after = text;
    EXPECT_THAT(policy.WaitAfter(failed, kHalf), Optional(wait)) << text;
  }
  FailedTry failed = Unavailable();
  failed.retry_after = "7";
  failed.left = seconds(7);
  EXPECT_FALSE(policy.WaitAfter(failed, kHalf));
}

TEST(RetryPolicy, AskingForLaterIsNoReasonToTryAgain) {
  const RetryPolicy policy(Config());
  FailedTry failed{.code = Code::kInternal, .idempotent = true, .pushback = "10"};
  EXPECT_FALSE(policy.WaitAfter(failed, kHalf));
  failed = {.code = Code::kUnavailable, .pushback = "10"};
  EXPECT_FALSE(policy.WaitAfter(failed, kHalf));
  failed = {.number = 4, .code = Code::kUnavailable, .idempotent = true, .pushback = "10"};
  EXPECT_FALSE(policy.WaitAfter(failed, kHalf));
}

TEST(RetryPolicy, DoesNotWaitUntilTheDeadline) {
  const RetryPolicy policy(Config());
  FailedTry failed = Unavailable();
  failed.left = milliseconds(51);
  EXPECT_THAT(policy.WaitAfter(failed, kHalf), Optional(milliseconds(50)));
  for (const nanoseconds left : {milliseconds(50), milliseconds(0), milliseconds(-5)}) {
    failed.left = left;
    EXPECT_FALSE(policy.WaitAfter(failed, kHalf)) << left.count();
  }
  failed.left = milliseconds(50);
  failed.pushback = "49";
  EXPECT_THAT(policy.WaitAfter(failed, kHalf), Optional(milliseconds(49)));
  failed.pushback = "50";
  EXPECT_FALSE(policy.WaitAfter(failed, kHalf));
}

TEST(RetryPolicy, TellsTheTimeoutOfOneTry) {
  config::Retry config = Config();
  EXPECT_EQ(RetryPolicy(config).per_try_timeout(), std::nullopt);
  *config.mutable_per_try_timeout() = ToProto(milliseconds(300));
  EXPECT_THAT(RetryPolicy(config).per_try_timeout(), Optional(milliseconds(300)));
}

}  // namespace
}  // namespace puente
