#include "proxy/request_id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "transcoder/trace_context.h"

namespace puente {
namespace {

const std::regex kUuid4("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

TEST(RequestId, KeepsTheClientsOwn) {
  const std::string longest(128, 'x');
  for (const std::string_view given : {"a", "req-1/2?x=\"y\"", longest.c_str()}) {
    EXPECT_EQ(RequestIdFor(std::array{HeaderView{"x-a", "1"}, HeaderView{"X-Request-ID", given}}),
              given);
  }
}

TEST(RequestId, ReplacesWhatIsNotUsable) {
  const std::string too_long(129, 'x');
  for (const std::string_view given :
       {"", "two words", "tab\there", "caf\xc3\xa9", "\x7f", too_long.c_str()}) {
    const std::string id = RequestIdFor(std::array{HeaderView{"x-request-id", given}});
    EXPECT_TRUE(std::regex_match(id, kUuid4)) << id;
  }
}

TEST(RequestId, IsARandomUuidEachTimeOnEveryThread) {
  constexpr int kIds = 1000;
  std::array<std::vector<std::string>, 4> made;
  std::vector<std::thread> threads;
  for (auto& ids : made) {
    threads.emplace_back([&ids] {
      for (int i = 0; i < kIds; ++i) ids.push_back(RequestIdFor({}));
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> different;
  for (const auto& ids : made) {
    EXPECT_TRUE(std::ranges::all_of(ids, [](auto& id) { return std::regex_match(id, kUuid4); }));
    different.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(different.size(), kIds * made.size());
}

TEST(GivenRequestId, IsTheClientsOwnOrNone) {
  EXPECT_EQ(GivenRequestId(std::array{HeaderView{"X-Request-Id", "r-1"}}), "r-1");
  EXPECT_EQ(GivenRequestId(std::array{HeaderView{"X-Request-Id", "two words"}}), "");
  EXPECT_EQ(GivenRequestId({}), "");
}

TEST(GivenTraceId, IsThatOfAValidTraceparent) {
  const std::string given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
  const std::array headers{HeaderView{"accept", "*/*"}, HeaderView{"Traceparent", given}};
  EXPECT_EQ(GivenTraceId(headers), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(GivenTraceId(std::array{HeaderView{"traceparent", "00-secret"}}), "");
  EXPECT_EQ(GivenTraceId({}), "");
}

}  // namespace
}  // namespace puente
