#include "tests/compat/exchange.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace puente::test {
namespace {

using testing::HasSubstr;

struct Seen {
  HttpResponse response;
  std::optional<RecordedCall> call;
  std::vector<std::string> requests;  // of the call, in text format
};

// protojson of Go puts blanks at random places on purpose.
std::string WithoutBlanks(const std::string& json) {
  std::string result;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"') in_string = !in_string;
    if (in_string || json[i] != ' ') result += json[i];
    if (in_string && json[i] == '\\' && i + 1 < json.size()) result += json[++i];
  }
  return result;
}

HttpResponse Answer(const CompatCase& compat_case, std::uint16_t port) {
  try {
    HttpClient client = HttpClient::Connect(port);
    return client.Request(compat_case.method, compat_case.target, compat_case.headers,
                          compat_case.body);
  } catch (const ClientError& error) {
    HttpResponse none;
    none.body = fmt::format("no answer: {}", error.what());
    return none;
  }
}

Seen Run(const CompatCase& compat_case, std::uint16_t port, CompatUpstream& upstream) {
  upstream.SetReply(compat_case.reply);
  const std::size_t before = upstream.server().CallCount();
  Seen seen{Answer(compat_case, port), {}, {}};
  if (upstream.server().CallCount() == before) return seen;
  WaitUntil([&] { return upstream.server().Calls().at(before).finished; });
  seen.call = upstream.server().Calls().at(before);
  const auto& type = *upstream.api().MethodAt(seen.call->method).input_type();
  for (const std::string& wire : seen.call->requests) {
    seen.requests.push_back(upstream.api().ToText(type, wire));
  }
  return seen;
}

std::optional<std::string> MetadataOf(const Seen& seen, const std::string& name) {
  return seen.call ? FindMetadata(seen.call->metadata, name) : std::nullopt;
}

std::string Describe(const Seen& seen) {
  std::string text = fmt::format("came: {{status: {}, body: '{}', sees: [", seen.response.status,
                                 seen.response.body);
  for (const std::string& request : seen.requests) text += fmt::format("'{}', ", request);
  text += fmt::format("]{}}}", seen.response.complete ? "" : ", cut: true");
  if (seen.call) text += "\n  calls " + seen.call->method;
  for (const auto& [name, value] : seen.response.headers)
    text += fmt::format("\n  {}: {}", name, value);
  if (!seen.call) return text;
  for (const auto& [name, value] : seen.call->metadata)
    text += fmt::format("\n  metadata {}: {}", name, value);
  return text;
}

void CheckRequests(const std::vector<std::string>& expected, const Seen& seen, CompatApi& api) {
  ASSERT_EQ(seen.call.has_value(), !expected.empty()) << "whether the gRPC server is called";
  if (!seen.call) return;
  const auto& type = *api.MethodAt(seen.call->method).input_type();
  std::vector<std::string> normalized;
  for (const std::string& text : expected) {
    normalized.push_back(api.ToText(type, api.ToWire(type, text)));
  }
  EXPECT_EQ(seen.requests, normalized);
}

void CheckOutcome(const Outcome& expected, const Seen& seen, CompatApi& api) {
  const HttpResponse& response = seen.response;
  EXPECT_EQ(response.status, expected.status);
  EXPECT_EQ(response.complete, !expected.cut);
  if (expected.body) EXPECT_EQ(WithoutBlanks(response.body), WithoutBlanks(*expected.body));
  if (expected.body_has)
    EXPECT_THAT(WithoutBlanks(response.body), HasSubstr(WithoutBlanks(*expected.body_has)));
  if (expected.sees) CheckRequests(*expected.sees, seen, api);
  for (const auto& [name, value] : expected.headers)
    EXPECT_EQ(response.Header(name), value) << name;
  for (const auto& [name, value] : expected.metadata)
    EXPECT_EQ(MetadataOf(seen, name), value) << name;
}

}  // namespace

void CheckCase(const CompatCase& compat_case, Product product, std::optional<std::uint16_t> port,
               CompatUpstream& upstream) {
  ASSERT_EQ(port.has_value(), compat_case.Of(product).status != 0)
      << compat_case.where << ": whether " << NameOf(product) << " loads " << compat_case.service;
  if (!port) return;
  const Seen seen = Run(compat_case, *port, upstream);
  SCOPED_TRACE(fmt::format("{} of {}: {}\n{}", compat_case.name, compat_case.where, NameOf(product),
                           Describe(seen)));
  CheckOutcome(compat_case.Of(product), seen, upstream.api());
}

}  // namespace puente::test
