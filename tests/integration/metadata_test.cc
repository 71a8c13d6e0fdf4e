// Headers to metadata and back, through the whole stack: design section 4, rule 11.
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

using Values = std::vector<std::string>;

class HeadersToMetadata : public testing::Test {
 protected:
  explicit HeadersToMetadata(const std::string& more = {}) : proxy_(upstream_.target(), more) {
    upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("a")));
  }

  // Sends a request that is answered 200.
  void Send(const HeaderList& headers) {
    response_ = proxy_.Get(kInvoice, headers);
    ASSERT_EQ(response_.status, 200) << response_.body;
    seen_ = upstream_.Calls().back().metadata;
  }

  // What the upstream saw under `key`.
  Values Seen(const std::string& key) const {
    Values values;
    for (const auto& [name, value] : seen_) {
      if (name == key) values.push_back(value);
    }
    return values;
  }

  FakeUpstream upstream_;
  ProxyUnderTest proxy_;
  HttpResponse response_;
  Metadata seen_;
};

TEST_F(HeadersToMetadata, EndToEndHeadersGoOnInLowerCase) {
  Send({{"X-Tenant", "acme"},
        {"Authorization", "Bearer t0k"},
        {"Cookie", "a=b"},
        {"Accept", "application/json"},
        {"X-Multi", "1"},
        {"x-multi", "2"}});
  EXPECT_THAT(Seen("x-tenant"), ElementsAre("acme"));
  EXPECT_THAT(Seen("authorization"), ElementsAre("Bearer t0k"));
  EXPECT_THAT(Seen("cookie"), ElementsAre("a=b"));
  EXPECT_THAT(Seen("accept"), ElementsAre("application/json"));
  EXPECT_THAT(Seen("x-multi"), ElementsAre("1", "2"));
}

TEST_F(HeadersToMetadata, BinaryValuesAreDecoded) {
  Send({{"X-Key-Bin", "AAH/"}, {"X-Unpadded-Bin", "_w"}, {"X-List-Bin", "AQ==, Ag=="}});
  EXPECT_THAT(Seen("x-key-bin"), ElementsAre(std::string("\0\1\xff", 3)));
  EXPECT_THAT(Seen("x-unpadded-bin"), ElementsAre("\xff"));
  EXPECT_THAT(Seen("x-list-bin"), ElementsAre("\1", "\2"));
}

TEST_F(HeadersToMetadata, WhatConcernsTheConnectionOrTheProxyStays) {
  Send({{"Connection", "keep-alive, X-Hop, Authorization"},
        {"X-Hop", "1"},
        {"Keep-Alive", "5"},
        {"Authorization", "Bearer t0k"},
        {"Accept-Encoding", "br"},
        {"Content-Language", "en"},
        {"grpc-timeout", "5S"},
        {"grpc-encoding", "gzip"},
        {"Grpc-Tags-Bin", "AQ=="},
        {"X-Client-Identity", "spiffe://forged"}});
  for (const char* key :
       {"connection", "x-hop", "keep-alive", "accept-encoding", "host", "content-language",
        "grpc-encoding", "grpc-tags-bin", "x-client-identity"}) {
    EXPECT_THAT(Seen(key), IsEmpty()) << key;
  }
  EXPECT_THAT(Seen("authorization"), ElementsAre("Bearer t0k")) << "Connection can't take it away";
}

TEST_F(HeadersToMetadata, ForwardedHeadersOfAnyoneAreOverwritten) {
  Send({{"Host", "api.example"},
        {"X-Forwarded-For", "6.6.6.6"},
        {"X-Forwarded-Proto", "https"},
        {"X-Forwarded-Host", "evil"},
        {"Forwarded", "for=6.6.6.6"},
        {"X-Real-Ip", "6.6.6.6"}});
  EXPECT_THAT(Seen("x-forwarded-for"), ElementsAre("127.0.0.1"));
  EXPECT_THAT(Seen("x-forwarded-proto"), ElementsAre("http"));
  EXPECT_THAT(Seen("x-forwarded-host"), ElementsAre("api.example"));
  EXPECT_THAT(Seen("forwarded"), IsEmpty());
  EXPECT_THAT(Seen("x-real-ip"), IsEmpty());
}

class HeadersOfATrustedProxy : public HeadersToMetadata {
 protected:
  HeadersOfATrustedProxy() : HeadersToMetadata("trusted_proxies: [10.0.0.0/8, 127.0.0.1]") {}
};

TEST_F(HeadersOfATrustedProxy, AreKeptAndExtended) {
  Send({{"Host", "inner"},
        {"X-Forwarded-For", "203.0.113.7"},
        {"X-Forwarded-Proto", "https"},
        {"X-Forwarded-Host", "api.example"}});
  EXPECT_THAT(Seen("x-forwarded-for"), ElementsAre("203.0.113.7, 127.0.0.1"));
  EXPECT_THAT(Seen("x-forwarded-proto"), ElementsAre("https"));
  EXPECT_THAT(Seen("x-forwarded-host"), ElementsAre("api.example"));
}

TEST_F(HeadersToMetadata, RequestIdIsKeptAndEchoed) {
  Send({{"X-Request-Id", "req-1"}});
  EXPECT_THAT(Seen("x-request-id"), ElementsAre("req-1"));
  EXPECT_EQ(response_.Header("x-request-id"), "req-1");
}

TEST_F(HeadersToMetadata, RequestIdIsMadeWhereThereIsNone) {
  Send({});
  ASSERT_THAT(Seen("x-request-id"), SizeIs(1));
  const std::string id = Seen("x-request-id")[0];
  EXPECT_THAT(id, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"));
  EXPECT_EQ(response_.Header("x-request-id"), id);
  Send({});
  EXPECT_NE(Seen("x-request-id")[0], id);
}

TEST_F(HeadersToMetadata, RequestIdOfAnErrorIsEchoed) {
  EXPECT_EQ(proxy_.Get("/nowhere", {{"X-Request-Id", "req-2"}}).Header("x-request-id"), "req-2");
  upstream_.OnUnary(kGetInvoice, {.status = {grpc::StatusCode::NOT_FOUND, "none"},
                                  .trailing_metadata = {{"x-request-id", "upstream's"}}});
  const HttpResponse response = proxy_.Get(kInvoice, {{"X-Request-Id", "req-3"}});
  EXPECT_EQ(response.Header("x-request-id"), "req-3");
  EXPECT_EQ(response.Count("x-request-id"), 1u);
}

TEST_F(HeadersToMetadata, TraceIsContinuedOrBegun) {
  const std::string given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  Send({{"traceparent", given}, {"tracestate", "vendor=1"}});
  EXPECT_THAT(Seen("traceparent"), ElementsAre(given));
  EXPECT_THAT(Seen("tracestate"), ElementsAre("vendor=1"));
  Send({{"traceparent", "garbage"}, {"tracestate", "vendor=1"}});
  EXPECT_EQ(response_.status, 200);
  ASSERT_THAT(Seen("traceparent"), SizeIs(1));
  EXPECT_THAT(Seen("traceparent")[0], MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01"));
  EXPECT_THAT(Seen("tracestate"), IsEmpty());
}

TEST_F(HeadersToMetadata, ThatCannotBeMetadataAre400) {
  const HeaderList kTable[] = {{{"X-Key-Bin", "!!!"}},
                               {{"X-Name", "caf\u00e9"}},
                               {{"Authorization", "a"}, {"authorization", "b"}}};
  for (const HeaderList& headers : kTable) {
    EXPECT_THAT(proxy_.Get(kInvoice, headers), IsError(400, 3)) << headers[0].first;
  }
  EXPECT_EQ(upstream_.CallCount(), 0u);
}

class MetadataToHeaders : public testing::Test {
 protected:
  HttpResponse Answer(Metadata initial, Metadata trailing = {}) {
    UnaryReply reply = UnaryReply::Message(InvoiceOf("a"));
    reply.initial_metadata = std::move(initial);
    reply.trailing_metadata = std::move(trailing);
    upstream_.OnUnary(kGetInvoice, std::move(reply));
    return client_.Get(kInvoice);
  }

  FakeUpstream upstream_;
  ProxyUnderTest proxy_{upstream_.target()};
  HttpClient client_ = proxy_.Connect();
};

TEST_F(MetadataToHeaders, InitialAndTrailingAreExposed) {
  const HttpResponse response =
      Answer({{"x-tag", "i"}, {"set-cookie", "a=1"}, {"set-cookie", "b=2"}},
             {{"x-late", "t"}, {"x-raw-bin", std::string("\0\xff", 2)}});
  EXPECT_EQ(response.Header("x-tag"), "i");
  EXPECT_EQ(response.Count("set-cookie"), 2u);
  EXPECT_EQ(response.Header("x-late"), "t");
  EXPECT_EQ(response.Header("x-raw-bin"), "AP8=");
}

TEST_F(MetadataToHeaders, StatusOfASuccessMayBeOverridden) {
  EXPECT_EQ(Answer({{"x-http-code", "201"}}).status, 201);
  EXPECT_EQ(Answer({}, {{"x-http-code", "202"}}).status, 202);
  EXPECT_EQ(Answer({{"x-http-code", "201"}}).Header("x-http-code"), std::nullopt);
  for (const char* odd : {"99", "1000", "200x", "", "-12"}) {
    EXPECT_EQ(Answer({{"x-http-code", odd}}).status, 200) << odd;
  }
}

TEST_F(MetadataToHeaders, StatusWithoutBodyHasNone) {
  for (const int code : {204, 205, 304}) {
    const HttpResponse response = Answer({{"x-http-code", std::to_string(code)}});
    EXPECT_EQ(response.status, code);
    EXPECT_EQ(response.body, "");
  }
  EXPECT_THAT(Answer({}), IsJson(R"({"id":"a"})")) << "the connection is still in step";
}

TEST_F(MetadataToHeaders, StatusOfAnErrorIsNotOverridden) {
  upstream_.OnUnary(kGetInvoice, {.status = {grpc::StatusCode::NOT_FOUND, "none"},
                                  .trailing_metadata = {{"x-http-code", "200"}}});
  EXPECT_THAT(client_.Get(kInvoice), IsError(404, 5));
}

TEST_F(MetadataToHeaders, FramingAndHopByHopNamesAreHidden) {
  const HttpResponse response = Answer({{"content-length", "1"},
                                        {"transfer-encoding", "chunked"},
                                        {"connection", "close"},
                                        {"keep-alive", "5"},
                                        {"upgrade", "h2c"},
                                        {"trailer", "x"},
                                        {"te", "trailers"},
                                        {"content-encoding", "gzip"},
                                        {"grpc-foo", "1"}});
  EXPECT_THAT(response, IsJson(R"({"id":"a"})"));
  EXPECT_EQ(response.Count("content-length"), 1u);
  EXPECT_EQ(response.Count("content-type"), 1u);
  for (const char* name : {"transfer-encoding", "connection", "keep-alive", "upgrade", "trailer",
                           "te", "content-encoding", "grpc-foo"}) {
    EXPECT_EQ(response.Header(name), std::nullopt) << name;
  }
  EXPECT_THAT(Answer({}), IsJson(R"({"id":"a"})"));
}

}  // namespace
}  // namespace puente::test
