#include "config/address.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace puente {
namespace {

TEST(AddressTest, ReadsWhereAListenerListens) {
  struct Case {
    std::string_view text;
    ListenAddress address;
  };
  const Case cases[] = {
      {"127.0.0.1:8080", {"127.0.0.1", 8080, ""}},
      {"0.0.0.0:0", {"0.0.0.0", 0, ""}},
      {"0.0.0.0:65535", {"0.0.0.0", 65535, ""}},
      {"[::1]:8080", {"::1", 8080, ""}},
      {"[::]:80", {"::", 80, ""}},
      {"unix:/run/puente.sock", {"", 0, "/run/puente.sock"}},
  };
  for (const Case& c : cases) {
    const auto address = ParseListenAddress(c.text);
    ASSERT_TRUE(address.has_value()) << c.text;
    EXPECT_EQ(*address, c.address) << c.text;
  }
}

TEST(AddressTest, RefusesWhatNothingCanListenOn) {
  const std::string too_long = "unix:/" + std::string(107, 'x');
  for (const std::string_view text : {std::string_view(""),
                                      std::string_view("8080"),
                                      std::string_view(":8080"),
                                      std::string_view("127.0.0.1"),
                                      std::string_view("127.0.0.1:"),
                                      std::string_view("127.0.0.1:65536"),
                                      std::string_view("127.0.0.1:-1"),
                                      std::string_view("127.0.0.1:-0"),
                                      std::string_view("127.0.0.1:+1"),
                                      std::string_view("127.0.0.1:0x50"),
                                      std::string_view("127.0.0.1: 80"),
                                      std::string_view("256.0.0.1:80"),
                                      std::string_view("127.1:80"),
                                      std::string_view("localhost:8080"),
                                      std::string_view("::1:8080"),
                                      std::string_view("[127.0.0.1]:80"),
                                      std::string_view("[::1]"),
                                      std::string_view("[::1:8080"),
                                      std::string_view("http://127.0.0.1:80"),
                                      std::string_view("unix:"),
                                      std::string_view(too_long)}) {
    EXPECT_FALSE(ParseListenAddress(text).has_value()) << text;
  }
}

TEST(AddressTest, ReadsBlocksOfAddresses) {
  struct Case {
    std::string_view text;
    Cidr cidr;
  };
  const Case cases[] = {
      {"10.0.0.0/8", {"10.0.0.0", 8}}, {"0.0.0.0/0", {"0.0.0.0", 0}},
      {"10.1.2.3", {"10.1.2.3", 32}},  {"fd00::/8", {"fd00::", 8}},
      {"::1", {"::1", 128}},           {"::1/128", {"::1", 128}},
  };
  for (const Case& c : cases) {
    const auto cidr = ParseCidr(c.text);
    ASSERT_TRUE(cidr.has_value()) << c.text;
    EXPECT_EQ(*cidr, c.cidr) << c.text;
  }
  for (const std::string_view text : {"", "/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1",
                                      "10.0.0.0/8/8", "10.0.0/8", "fd00::/129", "proxy", "*"}) {
    EXPECT_FALSE(ParseCidr(text).has_value()) << text;
  }
}

TEST(AddressTest, TakesHostsAndPortsApart) {
  const struct {
    std::string_view text;
    HostAndPort parts;
    std::string_view joined;  // "" for the text
  } cases[] = {
      {"billing:50051", {"billing", 50051}, ""},
      {"billing", {"billing", 0}, ""},
      {"[::1]:50051", {"::1", 50051}, ""},
      {"[::1]", {"::1", 0}, ""},
      {"::1", {"::1", 0}, "[::1]"},
      {"billing:70000", {"billing:70000", 0}, "[billing:70000]"},
      {"", {"", 0}, ""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(SplitHostAndPort(c.text), c.parts) << c.text;
    EXPECT_EQ(JoinHostAndPort(c.parts.host, c.parts.port), c.joined.empty() ? c.text : c.joined);
  }
}

TEST(AddressTest, KnowsWhereTargetsAre) {
  const struct {
    std::string_view target;
    HostAndPort server;
  } cases[] = {
      {"127.0.0.1:50051", {"127.0.0.1", 50051}},
      {"dns:///billing:50051", {"billing", 50051}},
      {"dns://10.0.0.53/billing:50051", {"billing", 50051}},
      {"dns:billing", {"billing", 0}},
      {"ipv6:[::1]:50051", {"::1", 50051}},
      {"unix:/run/grpc.sock", {"/run/grpc.sock", 0}},
      {"unix:///run/grpc.sock", {"///run/grpc.sock", 0}},
      {"unix-abstract:a:1", {"a:1", 0}},
      {"xds:///billing", {"billing", 0}},
      {"dns://", {"", 0}},
  };
  for (const auto& c : cases) EXPECT_EQ(ServerOfTarget(c.target), c.server) << c.target;
}

TEST(AddressTest, KnowsGrpcTargets) {
  for (const std::string_view text :
       {"127.0.0.1:50051", "billing:50051", "[::1]:50051", "dns:///billing:50051", "dns:billing",
        "ipv4:10.0.0.1:50051,10.0.0.2:50051", "ipv6:[::1]:50051", "unix:/run/grpc.sock",
        "unix-abstract:name", "xds:///billing"}) {
    EXPECT_TRUE(IsGrpcTarget(text)) << text;
  }
  for (const std::string_view text :
       {"", "billing", "billing:", "billing:0", "billing:http", ":50051", "dns:", "unix:",
        "http://billing:50051", "grpc://billing:50051", "bill ing:50051", "[billing]:50051"}) {
    EXPECT_FALSE(IsGrpcTarget(text)) << text;
  }
}

}  // namespace
}  // namespace puente
