#include "transcoder/metadata.h"

#include <gmock/gmock.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace puente {

void PrintTo(const Header& header, std::ostream* out) {
  *out << header.name << ": " << testing::PrintToString(header.value);
}

namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;

using Headers = std::vector<HeaderView>;
using Metadata = std::vector<Header>;

struct RequestCase {
  std::string_view name;
  Headers headers;
  RequestOrigin origin;
  Metadata metadata;
};

void Check(const RequestCase& c) {
  SCOPED_TRACE(c.name);
  const auto metadata = MetadataFromHeaders(c.headers, c.origin);
  ASSERT_TRUE(metadata.has_value()) << metadata.error().message;
  EXPECT_THAT(*metadata, ElementsAreArray(c.metadata));
}

// Rule 11: headers -> metadata. An empty origin adds nothing, which keeps these cases short.
TEST(MetadataFromHeaders, ForwardsEndToEndHeadersOnly) {
  const RequestCase kCases[] = {
      {"nothing", {}, {}, {}},
      {"names become lower case, values stay, order and repetition stay",
       {{"X-Tag", "One"}, {"Authorization", "Bearer aB"}, {"x-tag", "Two"}, {"X-Empty", ""}},
       {},
       {{"x-tag", "One"}, {"authorization", "Bearer aB"}, {"x-tag", "Two"}, {"x-empty", ""}}},
      {"hop-by-hop",
       {{"Connection", "keep-alive"},
        {"Keep-Alive", "timeout=5"},
        {"Proxy-Connection", "keep-alive"},
        {"Proxy-Authenticate", "Basic"},
        {"Proxy-Authorization", "Basic Zm9v"},
        {"TE", "trailers"},
        {"Trailer", "x-sum"},
        {"Transfer-Encoding", "chunked"},
        {"Upgrade", "websocket"},
        {"HTTP2-Settings", "AAMAAABk"}},
       {},
       {}},
      {"what Connection names, in any case, over several fields",
       {{"X-Hop", "1"},
        {"connection", "close, X-HOP"},
        {"Connection", " x-other ,,"},
        {"X-Other", "2"},
        {"X-End", "3"}},
       {},
       {{"x-end", "3"}}},
      {"a Connection that names credentials is not obeyed",
       {{"Connection", "authorization, cookie, x-api-key"},
        {"Authorization", "Bearer t"},
        {"Cookie", "a=b"},
        {"X-Api-Key", "k"}},
       {},
       {{"authorization", "Bearer t"}, {"cookie", "a=b"}, {"x-api-key", "k"}}},
      {"a Connection that names forwarded names is not obeyed",
       {{"Connection", "x-forwarded-for, x-forwarded-host, forwarded"},
        {"X-Forwarded-For", "10.0.0.1"},
        {"X-Forwarded-Host", "shop.example"},
        {"Forwarded", "for=10.0.0.1"}},
       {.trusted = true},
       {{"x-forwarded-host", "shop.example"},
        {"forwarded", "for=10.0.0.1"},
        {"x-forwarded-for", "10.0.0.1"}}},
      {"the message's own headers",
       {{"Host", "a"},
        {"Content-Type", "application/json"},
        {"Content-Length", "2"},
        {"Content-Anything", "x"},
        {"Accept-Encoding", "gzip"},
        {"Expect", "100-continue"},
        {"Accept", "*/*"}},
       {},
       {{"accept", "*/*"}}},
      {"every grpc name",
       {{"grpc-timeout", "1S"},
        {"Grpc-Status", "0"},
        {"GRPC-Encoding", "gzip"},
        {"grpc-trace-bin", "AAAA"},
        {"x-grpc-web", "1"}},
       {},
       {{"x-grpc-web", "1"}}},
      {"names that are no metadata keys",
       {{"x!y", "1"}, {":path", "/"}, {"x y", "1"}, {"", "1"}, {"x~", "1"}, {"x_y.z-0", "1"}},
       {},
       {{"x_y.z-0", "1"}}},
      {"the user agent moves, gRPC has its own",
       {{"User-Agent", "curl/8"}},
       {},
       {{"x-forwarded-user-agent", "curl/8"}}},
  };
  for (const auto& c : kCases) Check(c);
}

TEST(MetadataFromHeaders, DecodesBinaryValues) {
  const RequestCase kCases[] = {
      {"padded", {{"X-Key-Bin", "AP8="}}, {}, {{"x-key-bin", std::string("\0\xff", 2)}}},
      {"not padded", {{"x-key-bin", "AP8"}}, {}, {{"x-key-bin", std::string("\0\xff", 2)}}},
      {"empty", {{"x-key-bin", ""}}, {}, {{"x-key-bin", ""}}},
      {"a list", {{"x-key-bin", "Zg, Zm8="}}, {}, {{"x-key-bin", "f"}, {"x-key-bin", "fo"}}},
      {"of a forwarded name",
       {{"x-forwarded-key-bin", "Zg"}},
       {.trusted = true},
       {{"x-forwarded-key-bin", "f"}}},
  };
  for (const auto& c : kCases) Check(c);
}

TEST(MetadataFromHeaders, AddsWhatTheProxyKnows) {
  const RequestCase kCases[] = {
      {"of a peer that is not trusted, forwarded names are overwritten",
       {{"X-Forwarded-For", "1.1.1.1"},
        {"X-Forwarded-Proto", "https"},
        {"X-Forwarded-Host", "evil.example"},
        {"X-Forwarded-Port", "1"},
        {"X-Forwarded-Client-Cert", "By=x"},
        {"X-Forwarded-User-Agent", "forged"},
        {"Forwarded", "for=1.1.1.1"},
        {"X-Real-IP", "1.1.1.1"},
        {"User-Agent", "curl/8"}},
       {.peer_address = "10.0.0.9", .scheme = "http", .host = "api.example:8080"},
       {{"x-forwarded-for", "10.0.0.9"},
        {"x-forwarded-proto", "http"},
        {"x-forwarded-host", "api.example:8080"},
        {"x-forwarded-user-agent", "curl/8"}}},
      {"of a trusted peer they are kept, and the addresses extended",
       {{"X-Forwarded-For", "1.1.1.1, 2.2.2.2"},
        {"X-Forwarded-For", "3.3.3.3"},
        {"X-Forwarded-Proto", "https"},
        {"X-Forwarded-Host", "shop.example"},
        {"X-Forwarded-Port", "443"},
        {"X-Forwarded-User-Agent", "browser"},
        {"User-Agent", "proxy/1"}},
       {.peer_address = "10.0.0.9", .scheme = "http", .host = "api.example", .trusted = true},
       {{"x-forwarded-proto", "https"},
        {"x-forwarded-host", "shop.example"},
        {"x-forwarded-port", "443"},
        {"x-forwarded-user-agent", "browser"},
        {"x-forwarded-for", "1.1.1.1, 2.2.2.2, 3.3.3.3, 10.0.0.9"}}},
      {"a trusted peer that sent none",
       {},
       {.peer_address = "10.0.0.9", .scheme = "https", .host = "api.example", .trusted = true},
       {{"x-forwarded-for", "10.0.0.9"},
        {"x-forwarded-proto", "https"},
        {"x-forwarded-host", "api.example"}}},
      {"those that a trusted peer sent empty count as not sent",
       {{"X-Forwarded-Proto", ""}, {"X-Forwarded-Host", ""}},
       {.peer_address = "10.0.0.9", .scheme = "https", .host = "api.example", .trusted = true},
       {{"x-forwarded-for", "10.0.0.9"},
        {"x-forwarded-proto", "https"},
        {"x-forwarded-host", "api.example"}}},
      {"a unix socket has no address",
       {{"X-Forwarded-For", "1.1.1.1"}},
       {.scheme = "http", .host = "localhost"},
       {{"x-forwarded-proto", "http"}, {"x-forwarded-host", "localhost"}}},
      {"the request id is the proxy's, whoever made it",
       {{"X-Request-Id", "bad id"}},
       {.request_id = "id-1"},
       {{"x-request-id", "id-1"}}},
      {"the identity is the certificate's",
       {{"X-Client-Identity", "spiffe://forged"}},
       {.client_identity = "spiffe://example/billing"},
       {{"x-client-identity", "spiffe://example/billing"}}},
      {"without a certificate nobody has an identity",
       {{"x-client-identity", "spiffe://forged"}},
       {.trusted = true},
       {}},
  };
  for (const auto& c : kCases) Check(c);
}

TEST(MetadataFromHeaders, RefusesWhatNoMetadataCanHold) {
  struct Case {
    Headers headers;
    std::string_view names;
  };
  const Case kCases[] = {
      {{{"X-Tag", "caf\xc3\xa9"}}, "'x-tag'"},
      {{{"X-Tag", "a\tb"}}, "'x-tag'"},
      {{{"X-Tag", "a\x7f"}}, "'x-tag'"},
      {{{"Authorization", "Bearer \x01"}}, "'authorization'"},
      {{{"X-Forwarded-For", "\xff"}}, "'x-forwarded-for'"},
      {{{"Content-Disposition", "caf\xc3\xa9"}}, "'content-disposition'"},
      {{{"x!y", "caf\xc3\xa9"}}, "header"},
      {{{"X-Key-Bin", "not base64"}}, "'x-key-bin'"},
      {{{"X-Key-Bin", "AAAA,A"}}, "'x-key-bin'"},
      {{{"authorization", "Bearer q"}, {"x", "y"}, {"AUTHORIZATION", "Bearer q"}},
       "'authorization'"},
  };
  for (const auto& c : kCases) {
    const auto metadata = MetadataFromHeaders(c.headers, {});
    ASSERT_FALSE(metadata.has_value()) << c.names;
    EXPECT_EQ(metadata.error().code, Code::kInvalidArgument);
    EXPECT_EQ(metadata.error().http_status, 0);
    EXPECT_THAT(metadata.error().message, HasSubstr(c.names));
    EXPECT_THAT(metadata.error().message, Not(HasSubstr(c.headers.back().value)));
  }
}

// A Connection header may name thousands of headers; looking them up must not cost their product.
TEST(MetadataFromHeaders, TakesLinearTimeInConnectionOptions) {
  std::string options;
  for (int i = 0; i < 200'000; ++i) options += "x-" + std::to_string(i) + ",";
  Headers headers(20'000, HeaderView{"x-199999", "v"});
  headers.push_back({"connection", options});
  headers.push_back({"x-kept", "v"});
  const auto metadata = MetadataFromHeaders(headers, {});
  ASSERT_TRUE(metadata.has_value());
  EXPECT_THAT(*metadata, ElementsAreArray({Header{"x-kept", "v"}}));
}

TEST(ParseGrpcTimeout, ReadsEveryUnit) {
  struct Case {
    std::string_view text;
    nanoseconds timeout;
  };
  const Case kCases[] = {
      {"100m", 100ms},
      {"1H", 1h},
      {"2M", 2min},
      {"3S", 3s},
      {"4u", 4us},
      {"5n", 5ns},
      {"0S", 0s},
      {"00000001S", 1s},
      {"0n", 0ns},
      {"99999999n", 99'999'999ns},
      {"99999999M", 99'999'999min},
      {"99999999H", nanoseconds::max()},
  };
  for (const auto& c : kCases) {
    const auto timeout = ParseGrpcTimeout(Headers{{"Host", "a"}, {"Grpc-Timeout", c.text}});
    ASSERT_TRUE(timeout.has_value()) << c.text;
    EXPECT_EQ(*timeout, c.timeout) << c.text;
  }
}

TEST(ParseGrpcTimeout, IsOptional) {
  const auto timeout = ParseGrpcTimeout(Headers{{"Host", "a"}, {"x-grpc-timeout", "1S"}});
  ASSERT_TRUE(timeout.has_value());
  EXPECT_EQ(*timeout, std::nullopt);
}

TEST(ParseGrpcTimeout, RefusesWhatIsMalformed) {
  for (const std::string_view text : {"", "m", "-1S", "+1S", "1.5S", "123456789S", "10", "10x",
                                      " 1S", "1S ", "1 S", "1s", "1h", "1SS", "0x1S", "S1"}) {
    const auto timeout = ParseGrpcTimeout(Headers{{"grpc-timeout", text}});
    ASSERT_FALSE(timeout.has_value()) << text;
    EXPECT_EQ(timeout.error().code, Code::kInvalidArgument);
    EXPECT_THAT(timeout.error().message, HasSubstr("grpc-timeout"));
  }
}

TEST(ParseGrpcTimeout, RefusesTwo) {
  EXPECT_FALSE(ParseGrpcTimeout(Headers{{"grpc-timeout", "1S"}, {"Grpc-Timeout", "1S"}}));
}

TEST(IsValidRequestId, TakesPrintableTextWithoutSpaces) {
  EXPECT_TRUE(IsValidRequestId("a"));
  EXPECT_TRUE(IsValidRequestId("0b5e9c6e-91f4-4a4e-9c2b-1f2d6d0a7c11"));
  EXPECT_TRUE(IsValidRequestId("!~"));
  EXPECT_TRUE(IsValidRequestId(std::string(128, 'x')));
  EXPECT_FALSE(IsValidRequestId(""));
  EXPECT_FALSE(IsValidRequestId(std::string(129, 'x')));
  EXPECT_FALSE(IsValidRequestId("a b"));
  EXPECT_FALSE(IsValidRequestId("a\r\nx: y"));
  EXPECT_FALSE(IsValidRequestId("caf\xc3\xa9"));
  EXPECT_FALSE(IsValidRequestId("a\x7f"));
}

// Rule 11: metadata -> headers.
TEST(AppendHeadersFromMetadata, ExposesWhatIsTheServices) {
  const std::vector<MetadataView> metadata = {
      {"x-tag", "one"},
      {"x-tag", "two words"},
      {"x-key-bin", std::string_view("\0\xff", 2)},
      {"content-disposition", "attachment"},
      {"x-empty", ""},
  };
  Metadata headers = {{"x-first", "kept"}};
  AppendHeadersFromMetadata(metadata, headers);
  EXPECT_THAT(headers, ElementsAreArray(Metadata{{"x-first", "kept"},
                                                 {"x-tag", "one"},
                                                 {"x-tag", "two words"},
                                                 {"x-key-bin", "AP8="},
                                                 {"content-disposition", "attachment"},
                                                 {"x-empty", ""}}));
}

TEST(AppendHeadersFromMetadata, HidesWhatIsNot) {
  const std::vector<MetadataView> kHidden = {
      {"grpc-status", "0"},
      {"grpc-message", "m"},
      {"grpc-status-details-bin", "x"},
      {"grpc-encoding", "gzip"},
      {"content-type", "x"},
      {"content-length", "5"},
      {"content-encoding", "br"},
      {"transfer-encoding", "c"},
      {"connection", "close"},
      {"keep-alive", "1"},
      {"te", "trailers"},
      {"trailer", "x"},
      {"upgrade", "h2c"},
      {"proxy-connection", "x"},
      {"proxy-authenticate", "x"},
      {"http2-settings", "x"},
      {"x-http-code", "201"},
      {":status", "200"},
      {"x y", "1"},
      {"x-split\r\nset-cookie", "a"},
      {"", "1"},
      {"x-value", "a\r\nset-cookie: b"},
      {"x-value", "caf\xc3\xa9"},
      {"x-value", "a\tb"},
  };
  Metadata headers;
  AppendHeadersFromMetadata(kHidden, headers);
  EXPECT_THAT(headers, ElementsAreArray(Metadata{}));
}

TEST(HttpCodeOverride, ReadsAStatus) {
  struct Case {
    std::vector<MetadataView> metadata;
    std::optional<int> code;
  };
  const Case kCases[] = {
      {{}, std::nullopt},
      {{{"x-other", "201"}}, std::nullopt},
      {{{"x-other", "1"}, {"x-http-code", "201"}}, 201},
      {{{"x-http-code", "200"}}, 200},
      {{{"x-http-code", "599"}}, 599},
      {{{"x-http-code", "202"}, {"x-http-code", "204"}}, 202},
      {{{"x-http-code", "199"}}, std::nullopt},
      {{{"x-http-code", "100"}}, std::nullopt},
      {{{"x-http-code", "600"}}, std::nullopt},
      {{{"x-http-code", ""}}, std::nullopt},
      {{{"x-http-code", "20"}}, std::nullopt},
      {{{"x-http-code", "0201"}}, std::nullopt},
      {{{"x-http-code", "2o1"}}, std::nullopt},
      {{{"x-http-code", "-01"}}, std::nullopt},
      {{{"x-http-code", " 201"}}, std::nullopt},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(HttpCodeOverride(c.metadata), c.code) << testing::PrintToString(c.metadata.size());
  }
}

}  // namespace
}  // namespace puente
