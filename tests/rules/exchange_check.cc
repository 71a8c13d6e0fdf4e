// How a case is run and judged.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>

#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

using testing::AllOf;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

HttpResponse Exchange(HttpClient& client, const Send& send) {
  if (send.raw.empty()) return client.Request(send.method, send.target, send.headers, send.body);
  client.TrySendRaw(send.raw);
  return client.ReadResponse(send.method);
}

void CheckError(const HttpResponse& response, const Expect& expect) {
  if (!expect.code) return;
  EXPECT_EQ(response.Header("Content-Type"), "application/json");
  EXPECT_THAT(response.body, StartsWith(fmt::format("{{\"code\":{},\"message\":\"", *expect.code)));
  for (const std::string& text : expect.not_in_body) {
    EXPECT_THAT(response.body, Not(HasSubstr(text)));
  }
}

void CheckResponse(const HttpResponse& response, const Expect& expect) {
  EXPECT_EQ(response.status, expect.status) << response.body;
  CheckError(response, expect);
  for (const std::string& part : expect.says) EXPECT_THAT(response.body, HasSubstr(part));
  if (expect.body) {
    EXPECT_EQ(response.body, *expect.body);
  }
  if (expect.content_type) {
    EXPECT_EQ(response.Header("Content-Type"), *expect.content_type);
  }
  for (const auto& [name, value] : expect.headers) EXPECT_EQ(response.Header(name), value) << name;
  for (const std::string& name : expect.no_headers) EXPECT_EQ(response.Count(name), 0u) << name;
  EXPECT_EQ(response.complete, expect.complete);
}

void CheckRequests(const RecordedCall& call, const Expect& expect) {
  const auto& type = *MethodAt(call.method).input_type();
  if (!expect.rpc.empty()) {
    EXPECT_EQ(MethodAt(call.method).name(), expect.rpc);
  }
  if (!expect.requests) return;
  std::vector<std::string> seen;
  std::vector<std::string> expected;
  for (const std::string& wire : call.requests) seen.push_back(ToText(type, wire));
  for (const std::string& text : *expect.requests) expected.push_back(Normalized(type, text));
  EXPECT_THAT(seen, ElementsAreArray(expected));
}

std::vector<std::string> ValuesOf(const Metadata& metadata, const std::string& key) {
  std::vector<std::string> values;
  for (const auto& [name, value] : metadata) {
    if (name == key) values.push_back(value);
  }
  return values;
}

void CheckMetadata(const RecordedCall& call, const Expect& expect) {
  for (const auto& [key, value] : expect.metadata) {
    EXPECT_EQ(ValuesOf(call.metadata, key), ValuesOf(expect.metadata, key)) << key;
  }
  for (const auto& [key, part] : expect.metadata_parts) {
    EXPECT_THAT(ValuesOf(call.metadata, key), testing::ElementsAre(HasSubstr(part))) << key;
  }
  for (const std::string& key : expect.no_metadata) {
    EXPECT_THAT(ValuesOf(call.metadata, key), testing::IsEmpty()) << key;
  }
}

void CheckDeadline(const RecordedCall& call, const Expect& expect,
                   std::chrono::system_clock::time_point sent) {
  if (!expect.deadline) return;
  ASSERT_TRUE(call.deadline.has_value());
  const auto left = *call.deadline - sent;
  EXPECT_GE(left, expect.deadline->first - std::chrono::milliseconds(20));
  EXPECT_LE(left, expect.deadline->second);
}

// What was let pass is counted behind the answer, but before the connection's next one.
void CheckDropped(HttpClient& client, const ProxyUnderTest& proxy, const RecordedCall& call,
                  const Expect& expect) {
  if (!expect.dropped) return;
  const auto& [kind, count] = *expect.dropped;
  client.Get("/v1/nowhere");
  const std::string& method = MethodAt(call.method).name();
  EXPECT_EQ(proxy.Metric(fmt::format("puente_unknown_fields_total{{kind=\"{}\",method=\"{}\"}}",
                                     kind, method)),
            count);
}

}  // namespace

void CheckRule(const RuleParam& param) {
  const RuleCase& rule = *param.rule;
  const Expect& expect = rule.expect;
  if (expect.dropped) RulesFixture::End();  // metrics begin at 0
  RulesFixture& fixture = RulesFixture::Get();
  const ProxyUnderTest& proxy = fixture.Proxy(param.codec, rule.setup);
  fixture.SetReply(rule.reply);
  const std::size_t calls_before = fixture.upstream().CallCount();
  const auto sent = std::chrono::system_clock::now();

  HttpClient client = proxy.Connect();
  const HttpResponse response = Exchange(client, rule.send);
  CheckResponse(response, expect);
  if (expect.closes) {
    EXPECT_EQ(client.ReadUntilClosed(), "");
  }

  if (expect.reaches == true) {
    ASSERT_TRUE(fixture.upstream().WaitForCalls(calls_before + 1));
    const RecordedCall call = fixture.upstream().Calls().at(calls_before);
    CheckRequests(call, expect);
    CheckMetadata(call, expect);
    CheckDeadline(call, expect, sent);
    CheckDropped(client, proxy, call, expect);
  }
  if (expect.reaches) {
    EXPECT_EQ(fixture.upstream().CallCount(), calls_before + (*expect.reaches ? 1 : 0));
  }
  // A call that may still be on its way must not be taken for the next case's.
  if (!expect.reaches) RulesFixture::End();
}

}  // namespace puente::test
