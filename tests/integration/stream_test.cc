// Server streams: design section 4, rule 4.
#include <algorithm>
#include <atomic>
#include <semaphore>

#include "google/api/httpbody.pb.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using grpc::Status;
using grpc::StatusCode;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class Stream : public testing::Test {
 protected:
  // The script goes on, having waited at most kPatience for the test's permission.
  bool Permitted() { return permits_.try_acquire_for(kPatience); }
  void Permit() { permits_.release(); }

  std::counting_semaphore<> permits_{0};
  FakeUpstream upstream_;
  ProxyUnderTest proxy_{upstream_.target()};
};

google::api::HttpBody Piece(const std::string& data) {
  google::api::HttpBody body;
  body.set_content_type("audio/wav");
  body.set_data(data);
  return body;
}

// They would otherwise cost a system call, a packet and a wake-up each.
TEST_F(Stream, MessagesThatFollowEachOtherLeaveTogether) {
  constexpr std::size_t kMessages = 500;
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    for (std::size_t i = 0; i < kMessages; ++i) stream.Write(InvoiceOf("a"));
    return Status::OK;
  });
  HttpClient client = proxy_.Connect();
  client.Send("GET", kWatch, {{"Accept", "application/x-ndjson"}});
  EXPECT_EQ(client.ReadHead().status, 200);
  std::size_t chunks = 0;
  std::string body;
  while (const auto chunk = client.ReadChunk()) {
    ++chunks;
    body += *chunk;
  }
  EXPECT_EQ(std::ranges::count(body, '\n'), kMessages);
  EXPECT_LT(chunks, kMessages / 2);
}

TEST_F(Stream, EachMessageIsOnTheWireBeforeTheNextIsProduced) {
  upstream_.OnStream(kWatchInvoices, [this](UpstreamStream& stream) {
    for (const char* id : {"a", "b", "c"}) {
      stream.Write(InvoiceOf(id));
      if (!Permitted()) return Status(StatusCode::ABORTED, "the message has not been read");
    }
    return Status::OK;
  });
  HttpClient client = proxy_.Connect();
  client.Send("GET", kWatch);
  const HttpResponse head = client.ReadHead();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("Content-Type"), "application/json");
  EXPECT_EQ(head.Header("Transfer-Encoding"), "chunked");
  for (const char* chunk : {R"([{"id":"a"})", R"(,{"id":"b"})", R"(,{"id":"c"})"}) {
    EXPECT_EQ(client.ReadChunk(), chunk);
    Permit();
  }
  EXPECT_EQ(client.ReadChunk(), "]");
  EXPECT_EQ(client.ReadChunk(), std::nullopt);
  upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("next")));
  EXPECT_THAT(client.Get(kInvoice), IsJson(R"({"id":"next"})"));
}

TEST_F(Stream, WithoutMessagesIsAnEmptyArray) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream&) { return Status::OK; });
  EXPECT_THAT(proxy_.Get(kWatch), IsJson("[]"));
}

TEST_F(Stream, ErrorBeforeTheFirstMessageHasItsOwnStatus) {
  upstream_.OnStream(kWatchInvoices,
                     [](UpstreamStream&) { return Status(StatusCode::NOT_FOUND, "none"); });
  HttpClient client = proxy_.Connect();
  const HttpResponse response = client.Get(kWatch);
  EXPECT_THAT(response, IsError(404, 5));
  EXPECT_EQ(response.body, R"({"code":5,"message":"none"})");
  EXPECT_THAT(client.Get(kWatch), IsError(404, 5)) << "the connection is still usable";
}

TEST_F(Stream, FirstMessageThatDoesNotParseIs500) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write("\xff");
    stream.WaitCancelled();
    return Status::OK;
  });
  EXPECT_THAT(proxy_.Get(kWatch), IsError(500, 13));
  EXPECT_TRUE(upstream_.WaitForCancelled(1));
}

TEST_F(Stream, ErrorAfterTheFirstMessageCutsTheArray) {
  upstream_.OnStream(kWatchInvoices, [this](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    Permitted();
    return Status(StatusCode::INTERNAL, "broken");
  });
  HttpClient client = proxy_.Connect();
  client.Send("GET", kWatch);
  client.ReadHead();
  EXPECT_EQ(client.ReadChunk(), R"([{"id":"a"})");
  Permit();
  EXPECT_EQ(client.ReadUntilClosed(), "") << "neither the array's end nor the last chunk";
}

TEST_F(Stream, LaterMessageThatDoesNotParseCutsTheArray) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    stream.Write("\xff");
    stream.WaitCancelled();
    return Status::OK;
  });
  const HttpResponse response = proxy_.Get(kWatch);
  EXPECT_EQ(response.body, R"([{"id":"a"})");
  EXPECT_FALSE(response.complete);
  EXPECT_TRUE(upstream_.WaitForCancelled(1));
}

TEST_F(Stream, UpstreamThatDiesCutsTheArray) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    stream.WaitCancelled();
    return Status::OK;
  });
  HttpClient client = proxy_.Connect();
  client.Send("GET", kWatch);
  client.ReadHead();
  EXPECT_EQ(client.ReadChunk(), R"([{"id":"a"})");
  upstream_.Stop();
  EXPECT_EQ(client.ReadUntilClosed(), "");
}

TEST_F(Stream, Http10BodyLastsUntilTheConnectionCloses) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    stream.Write(InvoiceOf("b"));
    return Status::OK;
  });
  HttpClient client = proxy_.Connect();
  client.SendRaw("GET /v1/invoices:watch HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const HttpResponse response = client.ReadResponse();
  EXPECT_EQ(response.body, R"([{"id":"a"},{"id":"b"}])");
  EXPECT_EQ(response.Header("Connection"), "close");
  EXPECT_EQ(response.Header("Transfer-Encoding"), std::nullopt);
  EXPECT_TRUE(response.complete);
}

TEST_F(Stream, Http10FailureResetsTheConnection) {
  upstream_.OnStream(kWatchInvoices, [this](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    Permitted();
    return Status(StatusCode::INTERNAL, "broken");
  });
  HttpClient client = proxy_.Connect();
  client.SendRaw("GET /v1/invoices:watch HTTP/1.0\r\n\r\n");
  client.ReadHead();
  Permit();
  EXPECT_THAT(client.ReadUntilClosed(), Not(EndsWith("]")));
  EXPECT_TRUE(client.was_reset());
}

TEST_F(Stream, OfHttpBodyIsItsDataAsTheyCome) {
  upstream_.OnStream(kDownloadAudio, [this](UpstreamStream& stream) {
    stream.Write(Piece("RIFF"));
    if (!Permitted()) return Status(StatusCode::ABORTED, "the message has not been read");
    stream.Write(Piece(""));
    stream.Write(Piece(std::string("\0]\xff", 3)));
    return Status::OK;
  });
  HttpClient client = proxy_.Connect();
  client.Send("GET", kDownload);
  HttpResponse response = client.ReadHead();
  EXPECT_EQ(response.Header("Content-Type"), "audio/wav");
  EXPECT_EQ(client.ReadChunk(), "RIFF");
  Permit();
  EXPECT_EQ(client.ReadChunk(), std::string("\0]\xff", 3));
  EXPECT_EQ(client.ReadChunk(), std::nullopt);
}

TEST_F(Stream, OfHttpBodyWithoutMessagesIsAnEmptyBody) {
  upstream_.OnStream(kDownloadAudio, [](UpstreamStream&) { return Status::OK; });
  const HttpResponse response = proxy_.Get(kDownload);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_TRUE(response.complete);
}

TEST_F(Stream, OfHttpBodyThatFailsIsCut) {
  upstream_.OnStream(kDownloadAudio, [](UpstreamStream& stream) {
    stream.Write(Piece("RIFF"));
    return Status(StatusCode::DATA_LOSS, "gone");
  });
  const HttpResponse response = proxy_.Get(kDownload);
  EXPECT_EQ(response.body, "RIFF");
  EXPECT_FALSE(response.complete);
}

TEST_F(Stream, HeadOfAStreamHasTheSameHeadAndEndsTheCall) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.SendInitialMetadata({{"x-tag", "t"}});
    stream.Write(InvoiceOf("a"));
    stream.WaitCancelled();
    return Status::OK;
  });
  HttpClient client = proxy_.Connect();
  const HttpResponse response = client.Request("HEAD", kWatch);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(response.Header("Content-Type"), "application/json");
  EXPECT_EQ(response.Header("x-tag"), "t");
  EXPECT_TRUE(upstream_.WaitForCancelled(1));
  upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("next")));
  EXPECT_THAT(client.Get(kInvoice), IsJson(R"({"id":"next"})"));
}

TEST_F(Stream, InitialMetadataAreHeaders) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.SendInitialMetadata({{"x-tag", "t"}, {"x-http-code", "203"}});
    stream.Write(InvoiceOf("a"));
    stream.AddTrailingMetadata("x-late", "l");
    return Status::OK;
  });
  const HttpResponse response = proxy_.Get(kWatch, {{"X-Request-Id", "req-1"}});
  EXPECT_EQ(response.status, 203);
  EXPECT_EQ(response.Header("x-tag"), "t");
  EXPECT_EQ(response.Header("x-request-id"), "req-1");
  EXPECT_EQ(response.Header("x-late"), std::nullopt);
}

// A 204 or 304 has no body, so a chunked one after it would be taken for the next answer.
TEST_F(Stream, HasNoStatusThatForbidsABody) {
  for (const char* code : {"204", "205", "304"}) {
    SCOPED_TRACE(code);
    upstream_.OnStream(kWatchInvoices, [code](UpstreamStream& stream) {
      stream.SendInitialMetadata({{"x-http-code", code}});
      stream.Write(InvoiceOf("a"));
      return Status::OK;
    });
    EXPECT_THAT(proxy_.Get(kWatch), IsJson(R"([{"id":"a"}])"));
  }
}

TEST_F(Stream, IsCountedOnceByItsFinalStatus) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf("a"));
    return Status(StatusCode::INTERNAL, "broken");
  });
  EXPECT_FALSE(proxy_.Get(kWatch).complete);
  EXPECT_TRUE(WaitUntil([this] {
    return proxy_.Metric(
               R"(grpc_requests_total{method="WatchInvoices",service="billing.v1.BillingService",)"
               R"(status="INTERNAL",traffic="live",upstream="examples"})") == 1;
  }));
}

}  // namespace
}  // namespace puente::test
