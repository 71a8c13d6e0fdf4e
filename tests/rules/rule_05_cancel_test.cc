// Rule 5: a bad element is 400 and cancels the upstream's call, however far that has come.
#include <gmock/gmock.h>

#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

struct CancelCase {
  std::string name;
  std::string rest;       // of the body, behind a good first message that the upstream has got
  std::string says;       // part of the error
  bool as_lines = false;  // NDJSON, not an array
};

struct CancelParam {
  std::string codec;
  std::string target;
  CancelCase rule;
};
void PrintTo(const CancelParam& param, std::ostream* out) {
  *out << param.codec << " POST " << param.target << " …" << param.rule.rest;
}

const CancelCase kCases[] = {
    {"ASyntaxError", ",{qzx", "message 2"},
    {"AnUnknownField", R"(,{"colour":"qzx"}])", "message 2"},
    {"AWrongType", R"(,{"leaf":{"amount":"qzx"}}])", "leaf.amount"},
    {"AnOpenArray", "", ""},
    {"ATrailingComma", ",]", ""},
    {"SomethingBehindTheArray", "]qzx", ""},
    {"ABadLine", "\n{qzx}\n", "message 2", true},
    {"AnOpenLine", "\n{\"text\":\"qzx", "message 2", true},
};

class Rule05BadElements : public testing::TestWithParam<CancelParam> {};

TEST_P(Rule05BadElements, CancelTheCall) {
  const auto& [codec, target, rule] = GetParam();
  RulesFixture& fixture = RulesFixture::Get();
  HttpClient client = fixture.Proxy(codec, {}).Connect();
  fixture.SetReply({});
  const std::size_t number = fixture.upstream().CallCount();

  client.Send("POST", target,
              {{"Transfer-Encoding", "chunked"},
               {"Content-Type", rule.as_lines ? "application/x-ndjson" : "application/json"}});
  client.SendChunk(rule.as_lines ? "{\"text\":\"a\"}\n" : "[{\"text\":\"a\"}");
  ASSERT_TRUE(WaitUntil([&] {
    const auto calls = fixture.upstream().Calls();
    return calls.size() > number && calls[number].requests.size() == 1;
  }));
  if (!rule.rest.empty()) client.SendChunk(rule.rest);
  client.TrySendRaw("0\r\n\r\n");

  const HttpResponse response = client.ReadResponse("POST");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, testing::StartsWith(R"({"code":3,)"));
  EXPECT_THAT(response.body, testing::HasSubstr(rule.says));
  EXPECT_THAT(response.body, testing::Not(testing::HasSubstr("qzx")));
  EXPECT_TRUE(WaitUntil([&] { return fixture.upstream().Calls().at(number).cancelled; }));
  EXPECT_EQ(fixture.upstream().Calls().at(number).requests.size(), 1u);
}

std::vector<CancelParam> CancelParams(const std::string& target) {
  std::vector<CancelParam> params;
  for (const std::string& codec : Codecs()) {
    for (const CancelCase& rule : kCases) params.push_back({codec, target, rule});
  }
  return params;
}

std::string NameOfCancel(const testing::TestParamInfo<CancelParam>& info) {
  return info.param.rule.name + "_" + info.param.codec;
}
INSTANTIATE_TEST_SUITE_P(ClientStream, Rule05BadElements,
                         testing::ValuesIn(CancelParams("/v1/rooms/r/lines:send")), NameOfCancel);
INSTANTIATE_TEST_SUITE_P(Bidirectional, Rule05BadElements,
                         testing::ValuesIn(CancelParams("/v1/rooms/r/lines:talk")), NameOfCancel);

}  // namespace
}  // namespace puente::test
