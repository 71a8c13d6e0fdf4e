#include "tests/support/fake_upstream.h"

#include <gmock/gmock.h>
#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/sync_stream.h>

#include <atomic>
#include <fstream>
#include <future>
#include <sstream>

namespace puente::test {
namespace {

using google::protobuf::StringValue;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

constexpr char kMethod[] = "/pkg.Service/Method";

StringValue Text(const std::string& value) {
  StringValue text;
  text.set_value(value);
  return text;
}

class Client {
 public:
  explicit Client(
      const FakeUpstream& upstream,
      std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials())
      : channel_(grpc::CreateChannel(upstream.target(), credentials)) {}

  grpc::Status Call(grpc::ClientContext& context, const StringValue& request,
                    StringValue& response) {
    const grpc::internal::RpcMethod method(kMethod, grpc::internal::RpcMethod::NORMAL_RPC);
    return grpc::internal::BlockingUnaryCall(channel_.get(), method, &context, request, &response);
  }

  std::unique_ptr<grpc::ClientReaderWriter<StringValue, StringValue>> Stream(
      grpc::ClientContext& context) {
    const grpc::internal::RpcMethod method(kMethod, grpc::internal::RpcMethod::BIDI_STREAMING);
    return std::unique_ptr<grpc::ClientReaderWriter<StringValue, StringValue>>(
        grpc::internal::ClientReaderWriterFactory<StringValue, StringValue>::Create(
            channel_.get(), method, &context));
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

TEST(FakeUpstream, AnswersUnaryCallsAndRecordsThem) {
  FakeUpstream upstream;
  upstream.OnUnary(kMethod, [](const UnaryRequest& request) {
    StringValue text;
    text.ParseFromString(request.bytes);
    auto reply = UnaryReply::Message(Text("hello " + text.value()));
    reply.initial_metadata = {{"x-initial", "1"}};
    reply.trailing_metadata = {{"x-trailing-bin", std::string("\0\xff", 2)}};
    return reply;
  });
  grpc::ClientContext context;
  context.AddMetadata("x-tag", "a");
  context.AddMetadata("x-key-bin", std::string("\0\1", 2));
  const auto deadline = std::chrono::system_clock::now() + 20s;
  context.set_deadline(deadline);
  StringValue response;
  Client client(upstream);
  const auto status = client.Call(context, Text("you"), response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.value(), "hello you");
  EXPECT_THAT(context.GetServerInitialMetadata(), testing::Contains(Pair("x-initial", "1")));
  const std::string raw("\0\xff", 2);
  EXPECT_THAT(context.GetServerTrailingMetadata(),
              testing::Contains(Pair("x-trailing-bin", grpc::string_ref(raw))));

  ASSERT_TRUE(WaitUntil([&] { return upstream.Calls().at(0).finished; }));
  const RecordedCall call = upstream.Calls().at(0);
  EXPECT_EQ(call.method, kMethod);
  EXPECT_THAT(call.requests, ElementsAre(Text("you").SerializeAsString()));
  EXPECT_EQ(FindMetadata(call.metadata, "x-tag"), "a");
  EXPECT_EQ(FindMetadata(call.metadata, "x-key-bin"), std::string("\0\1", 2));
  EXPECT_EQ(FindMetadata(call.metadata, "x-none"), std::nullopt);
  ASSERT_TRUE(call.deadline.has_value());
  EXPECT_LT(*call.deadline, deadline + 1s);
  EXPECT_FALSE(call.cancelled);
}

TEST(FakeUpstream, AnswersWithErrors) {
  FakeUpstream upstream;
  upstream.OnUnary(kMethod, UnaryReply{.status = {grpc::StatusCode::NOT_FOUND, "no", "details"}});
  grpc::ClientContext context;
  StringValue response;
  const auto status = Client(upstream).Call(context, Text(""), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no");
  EXPECT_EQ(status.error_details(), "details");
  ASSERT_TRUE(WaitUntil([&] { return upstream.Calls().at(0).finished; }));
  EXPECT_FALSE(upstream.Calls().at(0).cancelled);
  EXPECT_EQ(upstream.Calls().at(0).deadline, std::nullopt);
}

TEST(FakeUpstream, DoesNotKnowMethodsWithoutAScript) {
  FakeUpstream upstream;
  grpc::ClientContext context;
  StringValue response;
  EXPECT_EQ(Client(upstream).Call(context, Text(""), response).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(upstream.CallCount(), 1U);
}

TEST(FakeUpstream, StreamsBothWays) {
  FakeUpstream upstream;
  upstream.OnStream(kMethod, [](UpstreamStream& stream) {
    EXPECT_TRUE(stream.SendInitialMetadata({{"x-early", "1"}}));
    while (auto request = stream.Read()) EXPECT_TRUE(stream.Write(*request));
    stream.AddTrailingMetadata("x-late", "2");
    return grpc::Status(grpc::StatusCode::ABORTED, "enough");
  });
  grpc::ClientContext context;
  Client client(upstream);
  const auto stream = client.Stream(context);
  stream->WaitForInitialMetadata();
  EXPECT_THAT(context.GetServerInitialMetadata(), testing::Contains(Pair("x-early", "1")));
  StringValue response;
  for (const char* text : {"a", "b"}) {
    ASSERT_TRUE(stream->Write(Text(text)));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.value(), text);
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::ABORTED);
  EXPECT_THAT(context.GetServerTrailingMetadata(), ElementsAre(Pair("x-late", "2")));
  EXPECT_EQ(upstream.Calls().at(0).requests.size(), 2U);
}

TEST(FakeUpstream, HoldsRepliesUntilReleased) {
  FakeUpstream upstream;
  upstream.OnUnary(kMethod, UnaryReply::Message(Text("x")));
  upstream.HoldReplies();
  Client client(upstream);
  auto call = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    StringValue response;
    return client.Call(context, Text("q"), response).ok();
  });
  ASSERT_TRUE(upstream.WaitForCalls(1));
  EXPECT_THAT(upstream.Calls().at(0).requests, ElementsAre(Text("q").SerializeAsString()));
  EXPECT_FALSE(upstream.Calls().at(0).finished);
  upstream.Release();
  EXPECT_TRUE(call.get());
}

TEST(FakeUpstream, SeesCancelledUnaryCalls) {
  FakeUpstream upstream;
  upstream.OnUnary(kMethod, UnaryReply::Message(Text("x")));
  upstream.HoldReplies();
  Client client(upstream);
  grpc::ClientContext context;
  auto call = std::async(std::launch::async, [&] {
    StringValue response;
    return client.Call(context, Text("q"), response).error_code();
  });
  ASSERT_TRUE(upstream.WaitForCalls(1));
  EXPECT_FALSE(upstream.WaitForCancelled(1, 1ms));
  context.TryCancel();
  EXPECT_TRUE(upstream.WaitForCancelled(1));
  EXPECT_EQ(call.get(), grpc::StatusCode::CANCELLED);
}

TEST(FakeUpstream, SeesCancelledStreams) {
  FakeUpstream upstream;
  std::promise<bool> seen;
  upstream.OnStream(kMethod, [&](UpstreamStream& stream) {
    EXPECT_FALSE(stream.IsCancelled());
    EXPECT_TRUE(stream.Write(Text("first")));
    const bool cancelled = stream.WaitCancelled();
    seen.set_value(cancelled && stream.IsCancelled() && !stream.Write(Text("late")));
    return grpc::Status::OK;
  });
  grpc::ClientContext context;
  Client client(upstream);
  const auto stream = client.Stream(context);
  StringValue response;
  ASSERT_TRUE(stream->Read(&response));
  context.TryCancel();
  EXPECT_TRUE(seen.get_future().get());
  EXPECT_TRUE(upstream.WaitForCancelled(1));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST(FakeUpstream, MakesAWriterWaitForASlowReader) {
  FakeUpstream upstream;
  std::atomic<int> written = 0;
  const int kMessages = 64;
  upstream.OnStream(kMethod, [&](UpstreamStream& stream) {
    while (written < kMessages && stream.Write(std::string(1 << 20, '\0'))) ++written;
    return grpc::Status::OK;
  });
  grpc::ClientContext context;
  Client client(upstream);
  const auto stream = client.Stream(context);
  ASSERT_TRUE(WaitUntil([&] { return written > 0 || upstream.CallCount() == 1; }));
  EXPECT_FALSE(WaitUntil([&] { return written == kMessages; }, 300ms));
  context.TryCancel();
  EXPECT_TRUE(upstream.WaitForCancelled(1));
}

TEST(FakeUpstream, StopsAndStartsAgainOnTheSamePort) {
  FakeUpstream upstream;
  const auto port = upstream.port();
  upstream.OnUnary(kMethod, UnaryReply::Message(Text("x")));
  upstream.HoldReplies();
  Client client(upstream);
  auto call = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    StringValue response;
    return client.Call(context, Text("q"), response).ok();
  });
  ASSERT_TRUE(upstream.WaitForCalls(1));
  upstream.Stop();
  EXPECT_FALSE(call.get());
  EXPECT_TRUE(upstream.WaitForCancelled(1));
  upstream.Start();
  EXPECT_EQ(upstream.port(), port);
  upstream.Release();
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  StringValue response;
  EXPECT_TRUE(client.Call(context, Text("q"), response).ok());
}

TEST(FakeUpstream, SpeaksTlsAndAsksForACertificate) {
  const TestCertificates files;
  FakeUpstream upstream({.certificate = files.server, .client_ca = files.ca});
  upstream.OnUnary(kMethod, UnaryReply::Message(Text("x")));
  const auto call = [&](const grpc::SslCredentialsOptions& options) {
    grpc::ClientContext context;
    StringValue response;
    return Client(upstream, grpc::SslCredentials(options)).Call(context, Text("q"), response);
  };
  const auto read = [](const std::string& file) {
    std::ostringstream content;
    content << std::ifstream(file).rdbuf();
    return content.str();
  };
  const std::string ca = read(files.ca);
  EXPECT_TRUE(
      call({ca, read(files.client_with_uri.private_key), read(files.client_with_uri.certificate)})
          .ok());
  EXPECT_EQ(call({ca, "", ""}).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(FakeUpstream, RefusesAPortThatIsTaken) {
  FakeUpstream upstream;
  EXPECT_THROW(FakeUpstream({.port = upstream.port()}), std::runtime_error);
}

TEST(FakeUpstream, ServesManyCallsAtOnce) {
  FakeUpstream upstream;
  upstream.OnUnary(kMethod, UnaryReply::Message(Text("x")));
  Client client(upstream);
  std::vector<std::future<int>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::async(std::launch::async, [&] {
      int good = 0;
      for (int n = 0; n < 50; ++n) {
        grpc::ClientContext context;
        StringValue response;
        good += client.Call(context, Text("q"), response).ok() ? 1 : 0;
      }
      return good;
    }));
  }
  for (auto& done : clients) EXPECT_EQ(done.get(), 50);
  EXPECT_EQ(upstream.CallCount(), 400U);
}

}  // namespace
}  // namespace puente::test
