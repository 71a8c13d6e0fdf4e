// WebSockets over TLS.
#include "tests/integration/web_socket_calls.h"
#include "tests/support/certificates.h"

namespace puente::test {
namespace {

using grpc::Status;

constexpr std::size_t kLarge = 1 << 20;

class WebSocketTls : public testing::Test {
 protected:
  WebSocketTls() {
    upstream_.OnStream(kTalk, EchoAll);
    upstream_.OnStream(kWatchNotes, [](UpstreamStream& stream) {
      stream.WaitCancelled();
      return Status::OK;
    });
  }

  ProxyUnderTest Start() const {
    return ProxyUnderTest::FromConfig(fmt::format(
        "listeners: [{{name: rest, address: \"127.0.0.1:0\", tls: {{certificate: \"{}\", "
        "private_key: \"{}\", client_ca: \"{}\", client_auth: OPTIONAL}}}}]\n"
        "admin: {{address: \"127.0.0.1:0\"}}\n"
        "descriptors: {{files: [\"{}\"]}}\n"
        "upstreams: [{{name: streams, grpc: {{target: \"{}\"}}}}]\n"
        "drain: {{delay: 0s, timeout: 1s}}\n",
        files_.server.certificate, files_.server.private_key, files_.ca, PUENTE_STREAMS_DESCRIPTORS,
        upstream_.target()));
  }

  WebSocketClient Open(const std::string& target, const HeaderList& headers = {}) const {
    const KeyPair& pair = files_.client_with_uri;
    ClientOptions options{.tls = ClientTls{.ca = files_.ca,
                                           .certificate = pair.certificate,
                                           .private_key = pair.private_key}};
    return WebSocketClient::Connect(proxy_.port(), target, headers, std::move(options));
  }

  TestCertificates files_;
  FakeUpstream upstream_;
  ProxyUnderTest proxy_ = Start();
};

TEST_F(WebSocketTls, OpenForOwnPagesOfHttpsOnly) {
  const std::string host = fmt::format("127.0.0.1:{}", proxy_.port());
  const WebSocketClient page = Open(kTalkPath, {{"Origin", "https://" + host}});
  EXPECT_TRUE(upstream_.WaitForCalls(1));
  EXPECT_THROW(Open(kTalkPath, {{"Origin", "http://" + host}}), ClientError);
}

TEST_F(WebSocketTls, CarryMessagesOfAnySizeBothWays) {
  WebSocketClient client = Open(kTalkPath);
  for (const std::string& text : {std::string("a"), std::string(kLarge, 'x'), std::string("b")}) {
    client.SendText(NoteText(text));
    EXPECT_EQ(client.ReadText(), RoomText(text));
  }
  SendEnd(client);
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
  EXPECT_FALSE(client.was_reset());
  const Metadata metadata = upstream_.Calls().at(0).metadata;
  EXPECT_EQ(FindMetadata(metadata, "x-forwarded-proto"), "https");
  EXPECT_EQ(FindMetadata(metadata, "x-client-identity"), TestCertificates::kUri);
}

TEST_F(WebSocketTls, ClientThatLeavesCancelsTheCall) {
  for (std::size_t calls = 1; calls <= 2; ++calls) {
    WebSocketClient client = Open(kWatchPath);
    ASSERT_TRUE(upstream_.WaitForCalls(calls));
    calls == 1 ? client.Reset() : client.HalfClose();
    EXPECT_TRUE(upstream_.WaitForCancelled(calls));
  }
}

TEST_F(WebSocketTls, DrainEndsThemInOrder) {
  WebSocketClient client = Open(kWatchPath);
  ASSERT_TRUE(upstream_.WaitForCalls(1));
  proxy_.app().BeginDrain();
  EXPECT_THAT(client.FinishClose(), ClosesWith(1001));
  EXPECT_FALSE(client.was_reset());
}

}  // namespace
}  // namespace puente::test
