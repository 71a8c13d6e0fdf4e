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

std::string Blankless(std::string text) {
  std::erase(text, ' ');
  return text;
}

// By which a call is known again: a refused request may leave one behind that is seen later.
constexpr char kTag[] = "x-compat-case";

// grpc-gateway passes on what has its prefix, the others what has not.
HeaderList Tagged(HeaderList headers, const std::string& tag) {
  headers.emplace_back(kTag, tag);
  headers.emplace_back(fmt::format("Grpc-Metadata-{}", kTag), tag);
  return headers;
}

HttpResponse Answer(const CompatCase& compat_case, std::uint16_t port, const std::string& tag) {
  try {
    HttpClient client = HttpClient::Connect(port);
    return client.Request(compat_case.method, compat_case.target, Tagged(compat_case.headers, tag),
                          compat_case.body);
  } catch (const ClientError& error) {
    HttpResponse none;
    none.body = fmt::format("no answer: {}", error.what());
    return none;
  }
}

std::optional<RecordedCall> FindCall(const FakeUpstream& server, const std::string& tag) {
  for (RecordedCall& call : server.Calls()) {
    if (FindMetadata(call.metadata, kTag) == tag) return std::move(call);
  }
  return std::nullopt;
}

Seen Run(const CompatCase& compat_case, std::uint16_t port, CompatUpstream& upstream) {
  static int runs = 0;
  const std::string tag = std::to_string(++runs);
  upstream.SetReply(compat_case.reply);
  Seen seen{Answer(compat_case, port, tag), {}, {}};
  WaitUntil([&] {
    seen.call = FindCall(upstream.server(), tag);
    return !seen.call || seen.call->finished;
  });
  if (!seen.call) return seen;
  const auto& type = *upstream.api().MethodAt(seen.call->method).input_type();
  for (const std::string& wire : seen.call->requests) {
    seen.requests.push_back(upstream.api().ToText(type, wire));
  }
  return seen;
}

std::string Describe(const Seen& seen) {
  std::string text = fmt::format("came: {{status: {}, body: '{}', sees: [", seen.response.status,
                                 seen.response.body);
  for (const std::string& request : seen.requests) text += fmt::format("'{}', ", request);
  text += fmt::format("]{}}}", seen.response.complete ? "" : ", cut: true");
  if (seen.call) text += "\n  calls " + seen.call->method;
  for (const auto& [name, value] : seen.response.headers) {
    text += fmt::format("\n  {}: {}", name, value);
  }
  if (!seen.call) return text;
  for (const auto& [name, value] : seen.call->metadata) {
    text += fmt::format("\n  metadata {}: {}", name, value);
  }
  return text;
}

void CheckRequests(const std::vector<std::string>& expected, const Seen& seen, CompatApi& api) {
  std::vector<std::string> normalized;
  for (const std::string& text : expected) {
    ASSERT_TRUE(seen.call) << "the gRPC server is not called";
    const auto& type = *api.MethodAt(seen.call->method).input_type();
    normalized.push_back(api.ToText(type, api.ToWire(type, text)));
  }
  EXPECT_EQ(seen.requests, normalized);
}

void CheckOutcome(const Outcome& expected, const Seen& seen, CompatApi& api) {
  const HttpResponse& response = seen.response;
  EXPECT_EQ(response.status, expected.status);
  EXPECT_EQ(response.complete, !expected.cut);
  if (expected.body) EXPECT_EQ(WithoutBlanks(response.body), WithoutBlanks(*expected.body));
  if (expected.body_has) {
    EXPECT_THAT(Blankless(response.body), HasSubstr(Blankless(*expected.body_has)));
  }
  if (expected.sees) CheckRequests(*expected.sees, seen, api);
  for (const auto& [name, value] : expected.headers) {
    EXPECT_EQ(response.Header(name), value) << name;
  }
  if (expected.metadata.empty()) return;
  ASSERT_TRUE(seen.call) << "the gRPC server is not called";
  for (const auto& [name, value] : expected.metadata) {
    EXPECT_EQ(FindMetadata(seen.call->metadata, name), value) << name;
  }
}

}  // namespace

void CheckCase(const CompatCase& compat_case, Product product, const Served& served,
               CompatUpstream& upstream) {
  const Outcome& expected = compat_case.Of(product);
  const std::string title =
      fmt::format("{} of {}: {}", compat_case.name, compat_case.where, NameOf(product));
  if (!served) {
    EXPECT_EQ(expected.status, 0) << title << " does not load the service: " << served.error();
    EXPECT_THAT(served.error(), HasSubstr(expected.body_has.value_or(""))) << title;
    return;
  }
  ASSERT_NE(expected.status, 0) << title << " loads the service";
  const Seen seen = Run(compat_case, *served, upstream);
  SCOPED_TRACE(fmt::format("{}\n{}", title, Describe(seen)));
  CheckOutcome(expected, seen, upstream.api());
}

}  // namespace puente::test
