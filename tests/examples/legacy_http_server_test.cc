#include "examples/services/legacy_http_server.h"

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "tests/examples/legacy_client.h"

namespace puente::examples {
namespace {

using billing::v1::Invoice;
using testing::HasSubstr;

class LegacyHttpServerTest : public LegacyTest {};

TEST_F(LegacyHttpServerTest, KeepsAConnectionAsTheClientWants) {
  auto client = Connect();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Get("/healthz").body, "ok\n");
  EXPECT_EQ(client.Get("/healthz", {{"Connection", "close"}}).status, 200);
  EXPECT_EQ(client.ReadUntilClosed(), "");
  auto old = Connect();
  old.SendRaw("GET /v1/invoices:watch HTTP/1.0\r\n\r\n");
  const auto answer = old.ReadResponse();
  EXPECT_FALSE(answer.chunked);
  EXPECT_EQ(ReadJson<billing::v1::ListInvoicesResponse>("{\"invoices\":" + answer.body + "}")
                .invoices_size(),
            5);
  EXPECT_EQ(old.ReadUntilClosed(), "");
}

TEST_F(LegacyHttpServerTest, AnswersPipelinedRequestsInOrder) {
  auto client = Connect();
  std::string requests;
  for (int i = 1; i <= 5; ++i) {
    requests += fmt::format("GET /v1/invoices/inv-{} HTTP/1.1\r\nHost: a\r\n\r\n", 1000 + i);
    requests += "GET /v1/invoices:watch?page_size=1 HTTP/1.1\r\nHost: a\r\n\r\n";
    requests += "POST /v1/customers/c/invoices HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
  }
  client.SendRaw(requests);
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(ReadJson<Invoice>(client.ReadResponse().body).id(), fmt::format("inv-{}", 1000 + i));
    EXPECT_EQ(client.ReadResponse().chunks.size(), 2U);
    EXPECT_EQ(client.ReadResponse().status, 400);
  }
}

TEST_F(LegacyHttpServerTest, AnswersHeadWithoutABody) {
  auto client = Connect();
  const auto whole = client.Get("/v1/invoices/inv-1001");
  EXPECT_EQ(client.Request("HEAD", "/v1/invoices/inv-1001").Header("content-length"),
            std::to_string(whole.body.size()));
  EXPECT_EQ(client.Request("HEAD", "/v1/invoices:watch").status, 200);
  EXPECT_EQ(client.Request("HEAD", "/nowhere").status, 404);
  EXPECT_EQ(client.Get("/healthz").body, "ok\n");  // nothing was left over
}

TEST_F(LegacyHttpServerTest, BoundsWhatAClientSends) {
  const std::pair<std::string, int> kCases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 431},
      {"POST /demo/faults HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413},
      {"POST /demo/faults HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
           std::string(0x100001, ' ') + "\r\n0\r\n\r\n",
       413},
  };
  for (const auto& [request, status] : kCases) {
    auto client = Connect();
    client.TrySendRaw(request);
    const auto answer = client.ReadResponse();
    EXPECT_EQ(answer.status, status) << request.substr(0, 40);
    EXPECT_THAT(answer.body, HasSubstr("\"error\": "));
    EXPECT_EQ(answer.Header("connection"), "close");
  }
  EXPECT_EQ(legacy_.requests(), 0U);
}

TEST_F(LegacyHttpServerTest, TakesLargeBodiesInAnyFraming) {
  auto client = Connect();
  const std::string body = "{\"lines\": [],\"note\": \"" + std::string(900'000, 'x') + "\"}";
  EXPECT_EQ(client.Post("/v1/customers/c/invoices", body).status, 400);
  client.Send("POST", "/v1/customers/c/invoices", {{"Transfer-Encoding", "chunked"}});
  const std::string_view invoice = kNewInvoice;
  client.SendChunk(invoice.substr(0, 7));
  client.SendChunk(invoice.substr(7));
  client.SendChunk("");
  EXPECT_EQ(client.ReadResponse().status, 201);
  client.Send("POST", "/v1/customers/c/invoices",
              {{"Expect", "100-continue"}, {"Content-Length", std::to_string(invoice.size())}});
  EXPECT_EQ(client.PeekStatus(), 100);
  client.SendRaw(invoice);
  EXPECT_EQ(client.ReadResponse().status, 201);
}

TEST_F(LegacyHttpServerTest, ServesManyConnectionsAtOnce) {
  constexpr int kConnections = 8;
  constexpr int kRequests = 125;
  std::atomic<int> right = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < kConnections; ++i) {
    clients.emplace_back([&] {
      auto client = Connect();
      for (int n = 0; n < kRequests; ++n) {
        const auto id = fmt::format("inv-{}", 1001 + n % 5);
        const auto answer = client.Get("/v1/invoices/" + id);
        if (answer.status == 200 && ReadJson<Invoice>(answer.body).id() == id) ++right;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(right, kConnections * kRequests);
  EXPECT_EQ(legacy_.requests(LegacyRoute::kGetInvoice), 1000U);
}

TEST_F(LegacyHttpServerTest, CanBeStoppedAndStartedAgain) {
  const auto port = legacy_.port();
  auto client = Connect();
  EXPECT_EQ(client.Get("/healthz").status, 200);
  legacy_.Stop();
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_THROW(Connect(), test::ClientError);
  ASSERT_TRUE(legacy_.Start(fmt::format("127.0.0.1:{}", port)).has_value());
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(LegacyHttpServerTest, SaysWhyItCannotListen) {
  LegacyBilling other(store_);
  const auto taken = fmt::format("127.0.0.1:{}", legacy_.port());
  EXPECT_THAT(other.Start(taken).error(), HasSubstr(taken));
  for (const char* address : {"", "localhost", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "a:1"}) {
    EXPECT_EQ(other.Start(address).error(),
              fmt::format("'{}' is not of the form IP:port", address));
  }
}

}  // namespace
}  // namespace puente::examples
