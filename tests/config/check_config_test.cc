#include "config/check_config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load_config.h"

namespace puente {
namespace {

using ::testing::ElementsAreArray;

// "line: key: message"
std::vector<std::string> ProblemsOf(std::string_view text) {
  const LoadResult result =
      ParseConfig(text, "f", [](std::string_view) -> std::optional<std::string> { return {}; });
  std::vector<std::string> texts;
  for (const Problem& problem : result.problems)
    texts.push_back(fmt::format("{}: {}: {}", problem.line, problem.key, problem.message));
  return texts;
}

constexpr std::string_view kListener = "listeners: [{address: '127.0.0.1:8080'}]\n";
constexpr std::string_view kRest =
    "descriptors: {files: [api.pb]}\n"
    "upstreams: [{name: b, grpc: {target: 'b:1'}}]\n";

struct Case {
  std::string_view text;
  std::vector<std::string> problems;
};

void ExpectProblems(const std::string& file, const std::vector<std::string>& problems) {
  EXPECT_THAT(ProblemsOf(file), ElementsAreArray(problems)) << file;
}

TEST(CheckConfigTest, WhatIsRequiredIsMissed) {
  ExpectProblems("workers: 1\n", {"0: listeners: needs at least one entry",
                                  "0: upstreams: needs at least one entry",
                                  "0: descriptors: needs `files` or `reflection`"});
  ExpectProblems("listeners: []\n" + std::string(kRest),
                 {"1: listeners: needs at least one entry"});
  ExpectProblems("listeners: [{name: x}]\n" + std::string(kRest),
                 {"1: listeners[0].address: is missing"});
  ExpectProblems("listeners: [{address: ''}]\n" + std::string(kRest),
                 {"1: listeners[0].address: must not be empty"});
  ExpectProblems(
      std::string(kListener) + "descriptors: {files: ['']}\nupstreams: [{grpc: {target: 'b:1'}}]\n",
      {"2: descriptors.files[0]: expected the name of a file, found an empty text",
       "3: upstreams[0].name: is missing"});
}

TEST(CheckConfigTest, NumbersStayWithinTheirBounds) {
  const Case cases[] = {
      {"limits: {max_json_depth: 0}", {"4: limits.max_json_depth: must be at least 1"}},
      {"limits: {max_json_depth: 1001}", {"4: limits.max_json_depth: must be at most 1000"}},
      {"limits: {max_json_depth: 1000}", {}},
      {"limits: {header_timeout: 0s}", {"4: limits.header_timeout: must be at least 1ms"}},
      {"limits: {max_request_body_bytes: 2147483648}",
       {"4: limits.max_request_body_bytes: must be at most 2147483647"}},
      {"limits: {min_body_rate: 0, max_requests_per_connection: 0}", {}},
      {"drain: {delay: 0s, timeout: 0s}", {}},
      {"routes: [{match: {service: a.B}, upstream: b, timeout: 0s}]",
       {"4: routes[0].timeout: must be at least 1ms"}},
  };
  for (const Case& c : cases) {
    ExpectProblems(std::string(kListener) + std::string(kRest) + std::string(c.text), c.problems);
  }
}

TEST(CheckConfigTest, Listeners) {
  const Case cases[] = {
      {"[{address: '1.2.3.4:1'}, {address: '1.2.3.4:1'}]",
       {"1: listeners[1].address: the address `1.2.3.4:1` is taken already"}},
      {"[{address: '127.0.0.1:9901'}]",
       {"0: admin.address: the address `127.0.0.1:9901` is taken already"}},
      {"[{address: '1.2.3.4:0'}, {address: '1.2.3.4:0'}]", {}},
      {"[{name: a, address: '1.2.3.4:1'}, {name: a, address: '1.2.3.4:2'}]",
       {"1: listeners[1].name: the name `a` is taken already"}},
      {"[{name: '', address: '1.2.3.4:1'}]", {"1: listeners[0].name: must not be empty"}},
      {"[{address: '1.2.3.4:1', protocol: GRPC}]",
       {"1: listeners[0].protocol: expected `HTTP` (`GRPC` is not supported yet), found `GRPC`"}},
      {"[{address: '1.2.3.4:1', tls: {certificate: c, private_key: k}}]", {}},
      {"[{address: '1.2.3.4:1', tls: {}}]",
       {"1: listeners[0].tls.certificate: is missing",
        "1: listeners[0].tls.private_key: is missing"}},
      {"[{address: '1.2.3.4:1', tls: {certificate: c}}]",
       {"1: listeners[0].tls.private_key: is missing"}},
      {"[{address: '1.2.3.4:1', tls: {certificates: [{certificate: c, private_key: k}]}}]",
       {"1: listeners[0].tls.certificates: this key is not supported yet"}},
      {"[{address: '1.2.3.4:1', tls: {certificate: c, private_key: k, client_auth: REQUIRE}}]",
       {"1: listeners[0].tls.client_ca: is missing; client_auth needs the authorities to "
        "verify against"}},
      {"[{address: '1.2.3.4:1', tls: {certificate: c, private_key: k, client_ca: a}}]",
       {"1: listeners[0].tls.client_ca: has no effect while client_auth is NONE; set that to "
        "OPTIONAL or REQUIRE"}},
      {"[{address: '1.2.3.4:1', tls: {certificate: c, private_key: k, min_version: TLS1_1}}]",
       {"1: listeners[0].tls.min_version: expected `TLS1_2` or `TLS1_3`, found `TLS1_1`"}},
  };
  for (const Case& c : cases) {
    ExpectProblems("listeners: " + std::string(c.text) + "\n" + std::string(kRest), c.problems);
  }
}

TEST(CheckConfigTest, Upstreams) {
  const Case cases[] = {
      {"[{name: b, grpc: {target: 'b:1'}}, {name: b, grpc: {target: 'b:2'}}]",
       {"3: upstreams: there are 2 gRPC upstreams; `routes` must say which methods go where",
        "3: upstreams[1].name: the name `b` is taken already"}},
      {"[{name: b}]", {"3: upstreams[0]: needs `grpc` or `http`"}},
      {"[{name: b, http: {url: 'http://b:1'}}]",
       {"3: upstreams: there is no gRPC upstream; `routes` must say what goes to the others"}},
      {"[{name: b, grpc: {}}]", {"3: upstreams[0].grpc: needs `target` or `targets`"}},
      {"[{name: b, grpc: {target: 'b:1', targets: ['b:1']}}]",
       {"3: upstreams[0].grpc.targets: only one of `target` and `targets` may be given"}},
      {"[{name: b, grpc: {targets: ['b:1', 'dns:///b']}}]",
       {"3: upstreams[0].grpc.targets[1]: expected a host and a port, such as "
        "`billing:50051`"}},
      {"[{name: b, grpc: {target: 'http://b:1'}}]",
       {"3: upstreams[0].grpc.target: expected a gRPC target, such as `billing:50051`, "
        "`dns:///billing:50051` or `unix:/path`"}},
      {"[{name: b, grpc: {target: 'b:1', tls: {certificate: c}}}]",
       {"3: upstreams[0].grpc.tls.private_key: is missing; certificate needs it"}},
      {"[{name: b, grpc: {target: 'b:1', tls: {private_key: k}}}]",
       {"3: upstreams[0].grpc.tls.certificate: is missing; private_key needs it"}},
      {"[{name: b, grpc: {target: 'b:1', tls: {}}}]", {}},
      {"[{name: b, grpc: {target: 'b:1', keepalive: {time: 500ms}}}]",
       {"3: upstreams[0].grpc.keepalive.time: must be at least 1s"}},
      {"[{name: b, grpc: {target: 'b:1', health_check: {}}}]", {}},
      {"[{name: b, grpc: {target: 'b:1', health_check: {service: a.v1.B, interval: 100ms}}}]", {}},
      {"[{name: b, grpc: {target: 'b:1', health_check: {interval: 99ms}}}]",
       {"3: upstreams[0].grpc.health_check.interval: must be at least 100ms"}},
  };
  for (const Case& c : cases) {
    ExpectProblems(std::string(kListener) +
                       "descriptors: {files: [api.pb]}\nupstreams: " + std::string(c.text) + "\n",
                   c.problems);
  }
}

TEST(CheckConfigTest, RoutesAndNames) {
  const Case cases[] = {
      {"routes: [{match: {service: a.v1.B}, upstream: b}, {match: {method: a.B/C}, upstream: b}]",
       {}},
      {"routes: [{upstream: b}]", {"4: routes[0].match: is missing"}},
      {"routes: [{match: {service: a.B}}]", {"4: routes[0].upstream: is missing"}},
      {"routes: [{match: {}, upstream: b}]",
       {"4: routes[0].match: needs `service`, `method` or `path_prefix`"}},
      {"routes: [{match: {service: a.B, method: a.B/C}, upstream: b}]",
       {"4: routes[0].match.method: only one of `service` and `method` may be given"}},
      {"routes: [{match: {method: a.B.C}, upstream: b}]",
       {"4: routes[0].match.method: expected a service and its method, such as "
        "`billing.v1.BillingService/GetInvoice`"}},
      {"routes: [{match: {service: /a.B}, upstream: b}]",
       {"4: routes[0].match.service: expected the full name of a service, such as "
        "`billing.v1.BillingService`"}},
      {"routes: [{match: {service: a.B}, upstream: c}]",
       {"4: routes[0].upstream: there is no upstream with this name; did you mean `b`?"}},
      {"routes: [{match: {service: a.B}, upstream: other}]",
       {"4: routes[0].upstream: there is no upstream with this name; there is `b`"}},
      {"trusted_proxies: [10.0.0.0/8, proxy]",
       {"4: trusted_proxies[1]: expected a block of IP addresses, such as `10.0.0.0/8` or "
        "`fd00::/8`, or one address"}},
      {"transcoding: {services: [a.B, a..B]}",
       {"4: transcoding.services[1]: expected the full name of a service, such as "
        "`billing.v1.BillingService`"}},
      {"admin: {address: localhost}",
       {"4: admin.address: expected an IP address and a port, such as `127.0.0.1:8080`, "
        "`0.0.0.0:8080` or `[::1]:8080`, or `unix:/path`"}},
  };
  for (const Case& c : cases) {
    ExpectProblems(std::string(kListener) + std::string(kRest) + std::string(c.text) + "\n",
                   c.problems);
  }
}

TEST(CheckConfigTest, ReflectionAsksUpstreamsThatThereAre) {
  const Case cases[] = {
      {"descriptors: {reflection: [{upstream: billing}]}", {}},
      {"descriptors: {files: [a.pb], reflection: [{upstream: billing, refresh: 0s}]}", {}},
      {"descriptors: {reflection: [{upstream: billing, refresh: 100ms}, {upstream: auth}]}", {}},
      {"descriptors: {}", {"3: descriptors: needs `files` or `reflection`"}},
      {"descriptors: {reflection: []}", {"3: descriptors: needs `files` or `reflection`"}},
      {"descriptors: {reflection: billing}",
       {"3: descriptors.reflection: expected a list, found a single value"}},
      {"descriptors: {reflection: [{refresh: 1s}]}",
       {"3: descriptors.reflection[0].upstream: is missing"}},
      {"descriptors: {reflection: [{upstream: biling}]}",
       {"3: descriptors.reflection[0].upstream: there is no upstream with this name; did you mean "
        "`billing`?"}},
      {"descriptors: {reflection: [{upstream: users}]}",
       {"3: descriptors.reflection[0].upstream: there is no upstream with this name; there is "
        "`billing` and `auth`"}},
      {"descriptors: {reflection: [{upstream: auth}, {upstream: auth}]}",
       {"3: descriptors.reflection[1].upstream: the upstream `auth` is taken already"}},
      {"descriptors: {reflection: [{upstream: auth, refresh: 99ms}]}",
       {"3: descriptors.reflection[0].refresh: must be at least 100ms, or 0s: never again"}},
      {"descriptors: {reflection: [{upstream: auth, refresh: 721h}]}",
       {"3: descriptors.reflection[0].refresh: must be at most 720h"}},
  };
  for (const Case& c : cases) {
    ExpectProblems(std::string(kListener) +
                       "upstreams: [{name: billing, grpc: {target: 'b:1'}}, "
                       "{name: auth, grpc: {target: 'a:1'}}]\n" +
                       std::string(c.text) +
                       "\nroutes: [{match: {service: a.B}, upstream: auth}]\n",
                   c.problems);
  }
}

TEST(CheckConfigTest, OneMistakeIsReportedOnce) {
  const Case cases[] = {
      {"listeners: {address: x}\n", {"1: listeners: expected a list, found a section with keys"}},
      {"listeners: [{adress: x}]\n",
       {"1: listeners[0].adress: unknown key; did you mean `address`?"}},
      {"listeners: [{address: [x]}]\n",
       {"1: listeners[0].address: expected a single value, found a list"}},
      {"listeners: [x]\n", {"1: listeners[0]: expected a section with keys, found a single value"}},
  };
  for (const Case& c : cases) {
    ExpectProblems(std::string(c.text) + std::string(kRest), c.problems);
  }
}

}  // namespace
}  // namespace puente
