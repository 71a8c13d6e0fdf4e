// Rule 11: headers become metadata.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

Send Sending(const std::string& name, const std::string& value) {
  return Get("/v1/things").With(name, value);
}

RuleCase Passes(const std::string& name, const std::string& header, const std::string& value,
                const std::string& key) {
  return {name, Sending(header, value), Sees("").SeesMetadata(key, value)};
}
RuleCase Stays(const std::string& header) {
  std::string name = "Stays";
  for (const char c : header) name += c == '-' ? '_' : c;
  std::string key;
  for (const char c : header) key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return {name, Sending(header, "1"), Sees("").SeesNoMetadata(key)};
}

std::vector<RuleCase> PassCases() {
  const std::string binary("\0\xff", 2);
  return {
      Passes("AHeaderGoesOnInLowerCase", "X-Tenant", "acme", "x-tenant"),
      Passes("AuthorizationGoesOn", "Authorization", "Bearer t0k", "authorization"),
      Passes("CookiesGoOn", "Cookie", "a=b; c=d", "cookie"),
      Passes("AcceptGoesOn", "Accept", "application/json", "accept"),
      Passes("AcceptLanguageGoesOn", "Accept-Language", "es, en;q=0.5", "accept-language"),
      Passes("IfMatchGoesOn", "If-Match", "\"v1\"", "if-match"),
      Passes("OriginGoesOn", "Origin", "https://a.example", "origin"),
      Passes("AnEmptyValueGoesOn", "X-Empty", "", "x-empty"),
      Passes("ANameThatBeginsLikeGrpcGoesOn", "Grpcish", "1", "grpcish"),
      {"RepeatedHeadersAreRepeatedKeys", Sending("X-Multi", "1").With("x-multi", "2"),
       Sees("").SeesMetadata("x-multi", "1").SeesMetadata("x-multi", "2")},
      {"SpacesAroundAValueAreNotPartOfIt", Sending("X-Spaced", "  a b  "),
       Sees("").SeesMetadata("x-spaced", "a b")},
      {"ABinaryValueIsDecoded", Sending("X-Key-Bin", "AP8="),
       Sees("").SeesMetadata("x-key-bin", binary)},
      {"ABinaryValueNeedsNoPadding", Sending("X-Key-Bin", "AP8"),
       Sees("").SeesMetadata("x-key-bin", binary)},
      {"BinaryValuesInAList", Sending("X-Key-Bin", "AQ==,Ag"),
       Sees("").SeesMetadata("x-key-bin", "\x01").SeesMetadata("x-key-bin", "\x02")},
      {"ABinaryValueThatIsNoBase64", Sending("X-Key-Bin", "!qzx"), Refused(400, 3, "x-key-bin")},
      {"ANonAsciiValue", Sending("X-Name", "caf\u00e9"), Refused(400, 3, "x-name").Hides("caf")},
      {"TwoAuthorizations", Sending("Authorization", "Bearer qzx").With("authorization", "qzx"),
       Refused(400, 3, "authorization")},
      {"TwoEqualAuthorizations", Sending("Authorization", "a").With("Authorization", "a"),
       Refused(400, 3, "authorization")},
      {"AStreamsHeadersGoOn", Get("/v1/rooms/r/lines").With("X-Tenant", "acme"),
       Sees("room: 'r'").SeesMetadata("x-tenant", "acme")},
  };
}
PUENTE_RULE_SUITE(Rule11Headers, PassCases);

std::vector<RuleCase> StayCases() {
  return {
      Stays("Keep-Alive"),
      Stays("Proxy-Connection"),
      Stays("Proxy-Authorization"),
      Stays("Proxy-Authenticate"),
      Stays("Trailer"),
      Stays("Content-Language"),
      Stays("Content-Anything"),
      Stays("Grpc-Encoding"),
      Stays("Grpc-Accept-Encodings"),
      Stays("Grpc-Anything"),
      Stays("Grpc-Status"),
      Stays("X-Client-Identity"),
      {"StaysHost", Get("/v1/things"), Sees("").SeesNoMetadata("host")},
      {"StaysTheContentLength", Post("/v1/things", "{}"),
       Sees("").SeesNoMetadata("content-length")},
      {"StaysAcceptEncoding", Sending("Accept-Encoding", "br"),
       Sees("").SeesNoMetadata("accept-encoding")},
      {"StaysWhatConnectionNames", Sending("Connection", "X-Hop, close").With("X-Hop", "1"),
       Sees("").SeesNoMetadata("x-hop").SeesNoMetadata("connection")},
      {"StaysWhatASecondConnectionNames",
       Sending("Connection", "close").With("Connection", "x-hop").With("X-Hop", "1"),
       Sees("").SeesNoMetadata("x-hop")},
      {"ConnectionMayNotTakeCredentials",
       Sending("Connection", "Authorization, Cookie")
           .With("Authorization", "Bearer t")
           .With("Cookie", "a=b"),
       Sees("").SeesMetadata("authorization", "Bearer t").SeesMetadata("cookie", "a=b")},
      {"ConnectionMayNotTakeHost", Sending("Connection", "Host").With("Host", "a.example"),
       Sees("").SeesMetadata("x-forwarded-host", "a.example")},
      {"ConnectionMayNotTakeForwardedNames",
       Sending("Connection", "X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host"),
       Sees("")
           .SeesMetadata("x-forwarded-for", "127.0.0.1")
           .SeesOne("x-forwarded-proto")
           .SeesOne("x-forwarded-host")},
      {"ATeIsNotTheClients", Sending("Connection", "TE").With("TE", "gzip"), Sees("")},
  };
}
PUENTE_RULE_SUITE(Rule11WhatStays, StayCases);

constexpr char kTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kTraceId[] = "0af7651916cd43dd8448eb211c80319c";
// Not valid, says W3C Trace Context.
constexpr char kNoTrace[] = "ff-00000000000000000000000000000000-0000000000000000-01";
const ProxySetup kTrusted{"", "trusted_proxies: [127.0.0.0/8]"};

std::vector<RuleCase> AddedCases() {
  const auto forwarded = [](const std::string& host) {
    return Get("/v1/things")
        .With("Host", host)
        .With("X-Forwarded-For", "203.0.113.7")
        .With("X-Forwarded-Proto", "https")
        .With("X-Forwarded-Host", "api.example");
  };
  return {
      {"ForwardedForIsAdded", Get("/v1/things"),
       Sees("").SeesMetadata("x-forwarded-for", "127.0.0.1")},
      {"ForwardedProtoIsAdded", Get("/v1/things"),
       Sees("").SeesMetadata("x-forwarded-proto", "http")},
      {"ForwardedHostIsAdded", Sending("Host", "a.example:81"),
       Sees("").SeesMetadata("x-forwarded-host", "a.example:81")},
      {"ForwardedHeadersOfAnyoneAreOverwritten", forwarded("inner"),
       Sees("")
           .SeesMetadata("x-forwarded-for", "127.0.0.1")
           .SeesMetadata("x-forwarded-proto", "http")
           .SeesMetadata("x-forwarded-host", "inner")},
      {"ForwardedHeadersOfATrustedProxyAreKept", forwarded("inner"),
       Sees("")
           .SeesMetadata("x-forwarded-for", "203.0.113.7, 127.0.0.1")
           .SeesMetadata("x-forwarded-proto", "https")
           .SeesMetadata("x-forwarded-host", "api.example"),
       kTrusted},
      {"ForwardedForOfTrustedProxiesIsOneList",
       Sending("X-Forwarded-For", "203.0.113.7").With("X-Forwarded-For", "10.0.0.1, 10.0.0.2"),
       Sees("").SeesMetadata("x-forwarded-for", "203.0.113.7, 10.0.0.1, 10.0.0.2, 127.0.0.1"),
       kTrusted},
      {"ForwardedHeadersThatATrustedProxyLeavesOutAreAdded", Sending("Host", "a.example"),
       Sees("")
           .SeesMetadata("x-forwarded-for", "127.0.0.1")
           .SeesMetadata("x-forwarded-proto", "http")
           .SeesMetadata("x-forwarded-host", "a.example"),
       kTrusted},
      {"ANonAsciiValueOfAHeaderThatStays", Sending("Content-Language", "caf\u00e9"),
       Refused(400, 3, "content-language")},
      {"ARequestIdIsMade", Get("/v1/things"), Sees("").SeesOne("x-request-id")},
      {"ARequestIdIsKept", Sending("X-Request-Id", "r-1"),
       Sees("").SeesMetadata("x-request-id", "r-1").Header("x-request-id", "r-1")},
      {"ARequestIdOfAnErrorIsSentBack", Get("/v1/nowhere").With("X-Request-Id", "r-2"),
       Refused(404, 5).Header("x-request-id", "r-2")},
      {"ATraceIsBegun", Get("/v1/things"), Sees("").SeesOne("traceparent", "00-")},
      {"ATraceIsContinued", Sending("traceparent", kTrace).With("tracestate", "a=b"),
       Sees("").SeesOne("traceparent", kTraceId).SeesMetadata("tracestate", "a=b")},
      {"ATraceOfATrustedProxyIsContinued", Sending("traceparent", kTrace),
       Sees("").SeesOne("traceparent", kTraceId), kTrusted},
      {"AMalformedTraceIsReplaced", Sending("traceparent", "qzx"),
       Sees("").SeesOne("traceparent", "00-")},
      {"ATraceOfZerosIsReplaced", Sending("traceparent", kNoTrace),
       Sees("").SeesOne("traceparent", "00-")},
  };
}
PUENTE_RULE_SUITE(Rule11Added, AddedCases);

std::vector<RuleCase> TimeoutCases() {
  using std::chrono::milliseconds;
  const auto within = [](const std::string& name, const std::string& value, int least, int most) {
    return RuleCase{name, Sending("grpc-timeout", value),
                    Sees("").DeadlineIn(milliseconds(least), milliseconds(most))};
  };
  const auto bad = [](const std::string& name, const std::string& value) {
    return RuleCase{name, Sending("grpc-timeout", value), Refused(400, 3, "grpc-timeout")};
  };
  const ProxySetup short_route{
      "", "routes: [{match: {service: rules.v1.Things}, upstream: rules, timeout: 3s}]"};
  return {
      {"TheRoutesTimeoutIsTheDeadline", Get("/v1/things"),
       Sees("").DeadlineIn(milliseconds(14000), milliseconds(19000))},
      within("Seconds", "5S", 4000, 9000),
      within("Milliseconds", "6000m", 5000, 10000),
      within("Microseconds", "7000000u", 6000, 11000),
      within("MinutesWithinTheRoutesTimeout", "1M", 14000, 19000),
      within("HoursWithinTheRoutesTimeout", "99999999H", 14000, 19000),
      {"ARoutesOwnTimeout", Get("/v1/things"),
       Sees("").DeadlineIn(milliseconds(2000), milliseconds(7000)), short_route},
      {"TheRoutesTimeoutIsTheUpperBound", Sending("grpc-timeout", "9S"),
       Sees("").DeadlineIn(milliseconds(2000), milliseconds(7000)), short_route},
      bad("AWord", "qzx"),
      bad("NoUnit", "77"),
      bad("NoNumber", "S"),
      bad("ANegativeNumber", "-77S"),
      bad("AFraction", "7.7S"),
      bad("AnUnknownUnit", "77s"),
      bad("TooManyDigits", "123456789S"),
      bad("ASpaceInBetween", "77 S"),
      bad("Nothing", ""),
      {"TwoOfThem", Sending("grpc-timeout", "1S").With("grpc-timeout", "1S"),
       Refused(400, 3, "grpc-timeout")},
  };
}
PUENTE_RULE_SUITE(Rule11Timeouts, TimeoutCases);

// Whose upstream does not answer.
TEST(Rule11Deadlines, EndTheCall) {
  const ProxySetup hasty{
      "", "routes: [{match: {service: rules.v1.Things}, upstream: rules, timeout: 0.05s}]"};
  const RuleCase cases[] = {
      {"TheClients", Sending("grpc-timeout", "50m"), Failed(504, 4).MayReach()},
      {"TheRoutes", Get("/v1/things"), Failed(504, 4).MayReach(), hasty},
      {"TheRoutesThoughTheClientHasTime", Sending("grpc-timeout", "1H"), Failed(504, 4).MayReach(),
       hasty},
  };
  for (const RuleParam& param : WithCodecs({std::begin(cases), std::end(cases)})) {
    SCOPED_TRACE(NameOf(param));
    RulesFixture::Get().upstream().HoldReplies();
    CheckRule(param);
  }
}

}  // namespace
}  // namespace puente::test
