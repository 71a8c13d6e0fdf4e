// The proxies and the upstream that all cases of a process share.
#pragma once

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "tests/integration/proxy_under_test.h"
#include "tests/rules/rule_case.h"
#include "tests/support/fake_upstream.h"

namespace puente::test {

// Serves tests/testdata/rules.proto. Made by the first case that needs it, ended with the process.
class RulesFixture {
 public:
  static RulesFixture& Get();
  static void End();

  RulesFixture();

  FakeUpstream& upstream() { return upstream_; }
  // The proxy with this configuration.
  ProxyUnderTest& Proxy(const std::string& codec, const ProxySetup& setup);
  // What calls are answered from now on.
  void SetReply(Reply reply);

 private:
  void Serve(const google::protobuf::MethodDescriptor& method);
  Reply CurrentReply();

  FakeUpstream upstream_;
  std::mutex mutex_;
  Reply reply_;
  std::map<std::pair<std::string, ProxySetup>, std::unique_ptr<ProxyUnderTest>> proxies_;
};

// "/rules.v1.Things/Echo" as the descriptor has it.
const google::protobuf::MethodDescriptor& MethodAt(const std::string& grpc_path);
// The wire form of a message of `type`, given in text format; and back, in one line.
std::string ToWire(const google::protobuf::Descriptor& type, const std::string& text);
std::string ToText(const google::protobuf::Descriptor& type, const std::string& wire);
// The same text as ToText would give it.
std::string Normalized(const google::protobuf::Descriptor& type, const std::string& text);

// Sends what the case says, and checks all that it expects.
void CheckRule(const RuleParam& param);

// A suite called `Suite`, whose cases are what the function `cases` returns.
#define PUENTE_RULE_SUITE(Suite, cases)                                     \
  class Suite : public testing::TestWithParam<RuleParam> {};                \
  TEST_P(Suite, Holds) { CheckRule(GetParam()); }                           \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::ValuesIn(WithCodecs(cases())), \
                           [](const auto& info) { return NameOf(info.param); })

}  // namespace puente::test
