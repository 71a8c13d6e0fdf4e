#include "proxy/trusted_proxies.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace puente {
namespace {

TEST(TrustedProxies, KnowWhomTheySpeakFor) {
  const TrustedProxies trusted({"10.0.0.0/8", "fd00::/8"});
  const struct {
    std::string_view peer;
    std::vector<std::string_view> forwarded_for;
    std::string_view client;
  } cases[] = {
      {"203.0.113.9", {"198.51.100.1"}, ""},
      {"10.0.0.1", {}, ""},
      {"10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},
      {"10.0.0.1", {"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
      {"10.0.0.1", {"192.0.2.1", "198.51.100.1,10.0.0.2 , fd00::1"}, "198.51.100.1"},
      {"10.0.0.1", {"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
      {"10.0.0.1", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
      {"10.0.0.1", {"\"quoted\", 10.0.0.2"}, "10.0.0.2"},
      {"10.0.0.1", {"unknown"}, ""},
      {"10.0.0.1", {"1.2.3.4:5"}, ""},
      {"10.0.0.1", {","}, ""},
      {"", {"198.51.100.1"}, ""},
  };
  for (const auto& c : cases) {
    std::vector<HeaderView> headers = {{"Host", "a"}};
    for (const std::string_view value : c.forwarded_for) {
      headers.push_back({"X-Forwarded-For", value});
    }
    EXPECT_EQ(trusted.ClientBehind(c.peer, headers), c.client)
        << c.peer << " " << testing::PrintToString(c.forwarded_for);
  }
}

TEST(TrustedProxies, KnowsItsRanges) {
  struct Case {
    std::vector<std::string> ranges;
    std::string_view address;
    bool contained;
  };
  const Case kCases[] = {
      {{"10.0.0.0/8"}, "10.255.255.255", true},
      {{"10.0.0.0/8"}, "11.0.0.0", false},
      {{"10.1.2.3/8"}, "10.9.9.9", true},
      {{"10.128.0.0/9"}, "10.127.255.255", false},
      {{"10.128.0.0/9"}, "10.128.0.0", true},
      {{"192.168.1.4/30"}, "192.168.1.7", true},
      {{"192.168.1.4/30"}, "192.168.1.8", false},
      {{"192.168.1.4"}, "192.168.1.4", true},
      {{"192.168.1.4"}, "192.168.1.5", false},
      {{"192.168.1.4/32"}, "192.168.1.5", false},
      {{"0.0.0.0/0"}, "203.0.113.9", true},
      {{"0.0.0.0/0"}, "::1", false},
      {{"10.0.0.0/8"}, "::ffff:10.0.0.1", true},
      {{"::ffff:10.0.0.0/104"}, "10.0.0.1", true},
      {{"10.0.0.0/8"}, "a00::", false},
      {{"::1"}, "::1", true},
      {{"::1"}, "::2", false},
      {{"fd00::/8"}, "fdff::1", true},
      {{"fd00::/8"}, "fe00::1", false},
      {{"2001:db8::/33"}, "2001:db8:7fff::", true},
      {{"2001:db8::/33"}, "2001:db8:8000::", false},
      {{"10.0.0.0/8", "fd00::/8"}, "fd00::1", true},
      {{"fd00::/8", "10.0.0.0/8"}, "10.0.0.1", true},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(TrustedProxies(c.ranges).Contains(c.address), c.contained)
        << c.ranges.front() << " and " << c.address;
  }
}

TEST(TrustedProxies, TrustsNobodyUnlessTold) {
  EXPECT_FALSE(TrustedProxies().Contains("127.0.0.1"));
  EXPECT_FALSE(TrustedProxies(std::vector<std::string>()).Contains(""));
}

TEST(TrustedProxies, NeverContainsWhatIsNoAddress) {
  const TrustedProxies all({"0.0.0.0/0", "::/0"});
  for (const std::string_view text : {"", "unix", "10.0.0", "10.0.0.1:80", "10.0.0.1 ", "[::1]",
                                      "256.0.0.1", "10.0.0.1, 10.0.0.2", "localhost"}) {
    EXPECT_FALSE(all.Contains(text)) << text;
  }
}

TEST(TrustedProxies, LeavesOutWhatDoesNotParse) {
  for (const std::string& range : std::vector<std::string>{
           "", "/8", "proxy", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8x", "10.0.0.0/-1",
           "10.0.0.0/33", "10.0.0.0/8/8", "10.0.0/8", "::/129"}) {
    EXPECT_FALSE(TrustedProxies(std::vector{range}).Contains("10.0.0.0")) << range;
    EXPECT_TRUE(TrustedProxies({range, "10.0.0.0/8"}).Contains("10.0.0.0")) << range;
  }
}

}  // namespace
}  // namespace puente
