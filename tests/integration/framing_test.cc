// What RFC 9112 calls an error is 400 and the end of the connection, and what comes behind it is
// neither answered nor passed on (design section 4, rule 12).
#include <gmock/gmock.h>

#include <chrono>

#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

using std::string_literals::operator""s;

const std::string kGet = "GET /v1/invoices/7 HTTP/1.1\r\n";
const std::string kPost = "POST /v1/customers/c/invoices HTTP/1.1\r\n";
const std::string kHost = "Host: a\r\n";
const std::string kSmuggled = "GET /v1/invoices/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

struct FramingCase {
  const char* name;
  std::string request;  // what is sent; kSmuggled follows
};

class BrokenFraming : public testing::TestWithParam<FramingCase> {};

TEST_P(BrokenFraming, Is400AndTheEndOfTheConnection) {
  InvoiceProxy under_test;
  const auto answer = AskRaw(under_test.proxy, GetParam().request + kSmuggled);
  EXPECT_EQ(FindErrorDifference(answer.response, 400, 3), std::nullopt);
  EXPECT_EQ(answer.response.Header("connection"), "close");
  EXPECT_EQ(answer.rest, "");
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

std::string NameOf(const testing::TestParamInfo<FramingCase>& info) { return info.param.name; }

const FramingCase kTransferEncodings[] = {
    {"UnknownCodingWithLength",
     kPost + kHost + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n{  }\n"},
    {"MisspeltChunkedWithLength",
     kPost + kHost + "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n{  }\n"},
    {"UnknownCodingAlone", kPost + kHost + "Transfer-Encoding: gzip\r\n\r\n"},
    {"ChunkedNotLast", kPost + kHost + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
    {"ChunkedTwiceInAList", kPost + kHost + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
    {"ChunkedAfterAnother", kPost + kHost + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"TwoFields", kPost + kHost +
                      "Transfer-Encoding: chunked\r\nTransfer-Encoding: "
                      "identity\r\n\r\n0\r\n\r\n"},
    {"Http10Chunked",
     "POST /v1/customers/c/invoices HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"LengthThenChunked",
     kPost + kHost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"ChunkedThenLength",
     kPost + kHost + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
    {"ControlCharacterBeforeChunked",
     kPost + kHost + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"},
    {"FoldedTransferEncoding", kPost + kHost + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"},
    {"SpaceBeforeColon", kPost + kHost + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
};
INSTANTIATE_TEST_SUITE_P(TransferEncoding, BrokenFraming, testing::ValuesIn(kTransferEncodings),
                         NameOf);

const FramingCase kContentLengths[] = {
    {"TwiceTheSame", kPost + kHost + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n{  }\n"},
    {"TwiceDifferent", kPost + kHost + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n{  }\n"},
    {"List", kPost + kHost + "Content-Length: 5, 5\r\n\r\n{  }\n"},
    {"Sign", kPost + kHost + "Content-Length: +5\r\n\r\n{  }\n"},
    {"Negative", kPost + kHost + "Content-Length: -5\r\n\r\n{  }\n"},
    {"Hexadecimal", kPost + kHost + "Content-Length: 0x5\r\n\r\n{  }\n"},
    {"Empty", kPost + kHost + "Content-Length:\r\n\r\n{  }\n"},
    {"TooLargeForAnyInteger", kPost + kHost + "Content-Length: 18446744073709551621\r\n\r\n{  }\n"},
};
INSTANTIATE_TEST_SUITE_P(ContentLength, BrokenFraming, testing::ValuesIn(kContentLengths), NameOf);

const FramingCase kHeaders[] = {
    {"FoldedLine", kGet + kHost + "X-A: 1\r\n 2\r\n\r\n"},
    {"FoldedLineWithTab", kGet + kHost + "X-A: 1\r\n\t2\r\n\r\n"},
    {"FirstLineBeginsWithSpace", kGet + " X-A: 1\r\nHost: a\r\n\r\n"},
    {"LineBehindHostBeginsWithSpace", kGet + kHost + " X-A: 1\r\n\r\n"},
    {"NoHost", kGet + "X-A: 1\r\n\r\n"},
    {"TwoHosts", kGet + "Host: a\r\nHost: b\r\n\r\n"},
    {"TwoEqualHosts", kGet + "Host: a\r\nHost: a\r\n\r\n"},
    {"HostList", kGet + "Host: a, b\r\n\r\n"},
    {"HostWithUserInfo", kGet + "Host: a@b\r\n\r\n"},
    {"HostWithPath", kGet + "Host: a/b\r\n\r\n"},
    {"BareLf", kGet + "Host: a\nX-A: 1\r\n\r\n"},
    {"BareLfOnly", "GET /v1/invoices/7 HTTP/1.1\nHost: a\n\n"},
    {"BareCr", kGet + "Host: a\rX-A: 1\r\n\r\n"},
    {"Nul", kGet + kHost + "X-A: 1\0\r\n\r\n"s},
    {"NoColon", kGet + kHost + "X-A\r\n\r\n"},
    {"NoName", kGet + kHost + ": 1\r\n\r\n"},
    {"SpaceInName", kGet + kHost + "X A: 1\r\n\r\n"},
};
INSTANTIATE_TEST_SUITE_P(Headers, BrokenFraming, testing::ValuesIn(kHeaders), NameOf);

const FramingCase kChunks[] = {
    {"SizeWithPrefix", kPost + kHost + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n"},
    {"NegativeSize", kPost + kHost + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n"},
    {"SizeTooLargeForAnyInteger",
     kPost + kHost + "Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n"},
    {"SizeEndsInBareLf", kPost + kHost + "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n"},
    {"ExtensionHoldsBareLf",
     kPost + kHost + "Transfer-Encoding: chunked\r\n\r\n2;a\nb\r\n{}\r\n0\r\n\r\n"},
    {"DataLongerThanSize",
     kPost + kHost + "Transfer-Encoding: chunked\r\n\r\n2\r\n{ }\r\n0\r\n\r\n"},
    {"DataEndsInBareLf", kPost + kHost + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\n0\r\n\r\n"},
    {"NoSize", kPost + kHost + "Transfer-Encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n"},
    {"FoldedTrailer",
     kPost + kHost + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-A\r\n\r\n"},
};
INSTANTIATE_TEST_SUITE_P(Chunks, BrokenFraming, testing::ValuesIn(kChunks), NameOf);

const FramingCase kRequestLines[] = {
    {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"Version12", "GET /v1/invoices/7 HTTP/1.2\r\nHost: a\r\n\r\n"},
    {"Version20", "GET /v1/invoices/7 HTTP/2.0\r\nHost: a\r\n\r\n"},
    {"Version09", "GET /v1/invoices/7\r\n\r\n"},
    {"LowerCaseVersion", "GET /v1/invoices/7 http/1.1\r\nHost: a\r\n\r\n"},
    {"SpaceBehindVersion", "GET /v1/invoices/7 HTTP/1.1 \r\nHost: a\r\n\r\n"},
    {"TwoSpaces", "GET  /v1/invoices/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"Tab", "GET\t/v1/invoices/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"SpaceInFront", " GET /v1/invoices/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"SpaceInTarget", "GET /v1/invoices/7 8 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"ControlCharacterInTarget", "GET /v1/invoices/7\x01 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"NonAsciiTarget", "GET /v1/invoices/\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"OtherHostInTarget", "GET http://b/v1/invoices/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"OtherSchemeInTarget", "GET ftp://a/v1/invoices/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"RelativeTarget", "GET v1/invoices/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"AsteriskOfGet", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"BrokenMethod", "G(T /v1/invoices/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"NotHttp", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s},
};
INSTANTIATE_TEST_SUITE_P(RequestLine, BrokenFraming, testing::ValuesIn(kRequestLines), NameOf);

// What can never become a request is not waited for.
TEST(FramingTest, WhatIsNotHttpIsRefusedAtOnce) {
  InvoiceProxy under_test;
  const std::string kInputs[] = {
      "GET /v1/invoices/7 HTTP/1.1\nHost: a\n\n",
      "\n\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s,
      "GET /v1/invoices/7 HTTP/1.1\rHost: a",
  };
  for (const std::string& input : kInputs) {
    const auto start = std::chrono::steady_clock::now();
    const auto answer = AskRaw(under_test.proxy, input);
    EXPECT_EQ(FindErrorDifference(answer.response, 400, 3), std::nullopt) << input;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << input;
  }
}

TEST(FramingTest, TrailersDoNotBecomeHeaders) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  client.SendRaw(kPost + kHost +
                 "Transfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n2\r\n{}\r\n"
                 "0\r\nAuthorization: evil\r\nX-Evil: 1\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().status, 200);
  ASSERT_EQ(under_test.upstream.CallCount(), 1U);
  const auto call = under_test.upstream.Calls().front();
  EXPECT_EQ(FindMetadata(call.metadata, "authorization"), std::nullopt);
  EXPECT_EQ(FindMetadata(call.metadata, "x-evil"), std::nullopt);
  EXPECT_EQ(client.Get("/v1/invoices/7").body, "{\"id\":\"7\"}");
}

TEST(FramingTest, AGoodRequestInFrontOfABadOneIsAnswered) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  client.SendRaw(kGet + kHost + "\r\n" + kGet + "\r\n" + kSmuggled);
  EXPECT_EQ(client.ReadResponse().body, "{\"id\":\"7\"}");
  EXPECT_EQ(FindErrorDifference(client.ReadResponse(), 400, 3), std::nullopt);
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_EQ(under_test.upstream.CallCount(), 1U);
}

TEST(FramingTest, EmptyLinesBetweenRequestsAreSkipped) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  client.SendRaw("\r\n" + kGet + kHost + "\r\n\r\n\r\n" + kGet + kHost + "\r\n");
  EXPECT_EQ(client.ReadResponse().status, 200);
  EXPECT_EQ(client.ReadResponse().status, 200);
}

TEST(FramingTest, UpgradesToAnythingButWebSocketAreNotUnderstood) {
  InvoiceProxy under_test;
  for (const char* protocol : {"h2c", "TLS/1.0"}) {
    const auto answer =
        under_test.proxy.Get("/v1/invoices/7", {{"Connection", "Upgrade"}, {"Upgrade", protocol}});
    EXPECT_EQ(answer.status, 200) << protocol;
    EXPECT_EQ(answer.interim.size(), 0U) << protocol;
  }
}

}  // namespace
}  // namespace puente::test
