#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

enum class Ending { kClose, kReset, kKeepOpen };

// Accepts one connection, sends `answer`, and ends as told: kClose and kKeepOpen wait for the
// client's end, kReset for its first byte.
class CannedServer {
 public:
  explicit CannedServer(std::string answer, Ending ending = Ending::kClose)
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer), ending] { Serve(answer, ending); });
  }
  ~CannedServer() { Join(); }

  std::uint16_t port() const { return port_; }
  // All that the client sent, once it has ended.
  const std::string& Received() {
    Join();
    return received_;
  }

 private:
  void Join() {
    if (thread_.joinable()) thread_.join();
  }

  void Serve(const std::string& answer, Ending ending) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    if (ending == Ending::kReset) {
      char byte = 0;
      ::recv(connection, &byte, 1, 0);
      const linger at_once{1, 0};
      ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    } else {
      if (ending == Ending::kClose) ::shutdown(connection, SHUT_WR);
      char bytes[4096];
      ssize_t count = 0;
      while ((count = ::recv(connection, bytes, sizeof bytes, 0)) > 0) {
        received_.append(bytes, static_cast<std::size_t>(count));
      }
    }
    ::close(connection);
    ::close(listener_);
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::string received_;
  std::thread thread_;
};

struct BodyCase {
  std::string name;
  std::string method;
  std::string answer;
  std::string body;
  bool complete;
};

TEST(HttpClient, ReadsBodiesByTheirFraming) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  const BodyCase kCases[] = {
      {"length", "GET", ok + "Content-Length: 5\r\n\r\nhello", "hello", true},
      {"length zero", "GET", ok + "content-length: 0\r\n\r\n", "", true},
      {"length, cut", "GET", ok + "Content-Length: 5\r\n\r\nhel", "hel", false},
      {"chunked", "GET", chunked + "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello", true},
      {"chunked, without the last chunk", "GET", chunked + "5\r\nhello\r\n", "hello", false},
      {"chunked, cut in a chunk", "GET", chunked + "5\r\nhello\r\n5\r\nwo", "hello", false},
      {"chunked, cut in the size", "GET", chunked + "5\r\nhello\r\n5", "hello", false},
      {"chunked, cut in the end", "GET", chunked + "5\r\nhello\r\n0\r\n", "hello", false},
      {"until close", "GET", ok + "\r\nhello", "hello", true},
      {"HEAD", "HEAD", ok + "Content-Length: 5\r\n\r\n", "", true},
      {"204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", "", true},
      {"304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    CannedServer server(c.answer);
    auto client = HttpClient::Connect(server.port());
    const auto response = client.Request(c.method, "/");
    EXPECT_EQ(response.body, c.body);
    EXPECT_EQ(response.complete, c.complete);
    client.Close();
  }
}

TEST(HttpClient, ReadsHeadsChunksAndTrailers) {
  CannedServer server(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 201 Made it\r\nX-Tag: a\r\nx-tag:  b \r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\na\r\n2\r\nbc\r\n0\r\nX-Sum: 7\r\n\r\n");
  auto client = HttpClient::Connect(server.port());
  const auto response = client.Get("/");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.reason, "Made it");
  EXPECT_EQ(response.version, "HTTP/1.1");
  EXPECT_EQ(response.Header("X-TAG"), "a");
  EXPECT_EQ(response.Header("x-none"), std::nullopt);
  EXPECT_EQ(response.Count("x-tag"), 2U);
  EXPECT_THAT(response.interim, ElementsAre(100, 103));
  EXPECT_THAT(response.chunks, ElementsAre("a", "bc"));
  EXPECT_THAT(response.trailers, ElementsAre(Pair("X-Sum", "7")));
}

TEST(HttpClient, ReadsAStreamChunkByChunk) {
  CannedServer server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n",
                      Ending::kClose);
  auto client = HttpClient::Connect(server.port());
  client.Send("GET", "/");
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_EQ(client.ReadChunk(), "a");
  EXPECT_EQ(client.ReadChunk(), "b");
  EXPECT_THROW(client.ReadChunk(), ClientError);
}

TEST(HttpClient, ReadsPipelinedAnswersInTurn) {
  CannedServer server(
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: "
      "1\r\n\r\nx");
  auto client = HttpClient::Connect(server.port());
  client.Send("HEAD", "/a");
  client.Send("GET", "/b");
  EXPECT_EQ(client.ReadResponse().body, "");
  EXPECT_EQ(client.ReadResponse().body, "x");
  EXPECT_FALSE(client.TryReadResponse().has_value());
}

TEST(HttpClient, TellsAResetFromAnOrderlyEnd) {
  CannedServer server("HTTP/1.1 200 OK\r\n\r\nhello", Ending::kReset);
  auto client = HttpClient::Connect(server.port());
  client.SendRaw("x");
  client.ReadUntilClosed();
  EXPECT_TRUE(client.was_reset());
  CannedServer orderly("bye");
  auto other = HttpClient::Connect(orderly.port());
  EXPECT_EQ(other.ReadUntilClosed(), "bye");
  EXPECT_FALSE(other.was_reset());
}

TEST(HttpClient, RefusesWhatIsNoHttp) {
  for (const std::string answer : {
           "",
           "HTTP/1.1 200 OK\r\n",
           "HTTP/2 200 OK\r\n\r\n",
           "HTTP/1.1 200\r\n\r\n",
           "HTTP/1.1 2x0 OK\r\n\r\n",
           "HTTP/1.1 200 OK\n\n",
           "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
           "HTTP/1.1 200 OK\r\nspace : x\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
       }) {
    CannedServer server(answer);
    auto client = HttpClient::Connect(server.port());
    EXPECT_THROW(client.Get("/"), ClientError) << answer;
    client.Close();
  }
}

TEST(HttpClient, GivesUpWhenNothingComes) {
  CannedServer server("HTTP/1.1 200 OK\r\n", Ending::kKeepOpen);
  auto client = HttpClient::Connect(server.port(), {.patience = 20ms});
  EXPECT_THROW(client.Get("/"), ClientError);
  EXPECT_FALSE(client.HasInput(1ms));
  client.Close();
}

TEST(HttpClient, SendsWhatIsNeededAndNoMore) {
  struct Case {
    std::string method;
    HeaderList headers;
    std::string body;
    std::string request;
  };
  const Case kCases[] = {
      {"GET", {{"host", "a"}}, "", "GET /x HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"POST", {{"Host", "a"}}, "", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"},
      {"POST",
       {{"Host", "a"}},
       "{}",
       "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Type: "
       "application/json\r\n\r\n{}"},
      {"PUT",
       {{"Host", "a"}, {"Content-Type", "text/plain"}, {"Transfer-Encoding", "chunked"}},
       "0\r\n\r\n",
       "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
       "chunked\r\n\r\n"
       "0\r\n\r\n"},
  };
  for (const auto& c : kCases) {
    CannedServer server("");
    auto client = HttpClient::Connect(server.port());
    client.Send(c.method, "/x", c.headers, c.body);
    client.HalfClose();
    EXPECT_EQ(client.ReadUntilClosed(), "");
    EXPECT_EQ(server.Received(), c.request);
  }
}

TEST(HttpClient, NamesThePortWhereNobodyListens) {
  const std::uint16_t port = [] {
    CannedServer server("");
    auto client = HttpClient::Connect(server.port());
    client.Close();
    server.Received();
    return server.port();
  }();
  EXPECT_THROW(HttpClient::Connect(port), ClientError);
}

}  // namespace
}  // namespace puente::test
