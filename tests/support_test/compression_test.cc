// What tests pack and unpack, and an upstream whose answers are packed.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <stdexcept>

#include "tests/support/fake_upstream.h"
#include "tests/support/gzip_text.h"

namespace puente::test {
namespace {

const std::string kText(10000, 'x');

TEST(GzipText, IsUnpackedAsItArrives) {
  const std::string packed = Gzip(kText + "end");
  EXPECT_LT(packed.size(), 100u);
  EXPECT_EQ(GunzipAll(packed), kText + "end");
  Gunzip gunzip;
  std::string text;
  for (const char byte : packed) {
    EXPECT_FALSE(gunzip.complete());
    text += gunzip.Feed(std::string(1, byte));
  }
  EXPECT_TRUE(gunzip.complete());
  EXPECT_EQ(text, kText + "end");
}

TEST(GzipText, ThatIsCutOrLongerOrNoneIsRefused) {
  const std::string packed = Gzip(kText);
  for (const std::string& bad : {packed.substr(0, packed.size() - 1), packed + "x", kText}) {
    EXPECT_THROW(GunzipAll(bad), std::runtime_error);
  }
}

// The size of the answer as it comes over the wire: this channel leaves it packed.
std::size_t PackedSize(const FakeUpstream& upstream) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  const auto channel =
      grpc::CreateCustomChannel(upstream.target(), grpc::InsecureChannelCredentials(), arguments);
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  const grpc::Slice nothing;
  const grpc::ByteBuffer request(&nothing, 1);
  const auto call = stub.PrepareUnaryCall(&context, "/pkg.Service/Method", request, &queue);
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  EXPECT_TRUE(queue.Next(&tag, &ok) && ok && status.ok()) << status.error_message();
  return answer.Length();
}

TEST(CompressingUpstream, PacksItsAnswers) {
  for (const bool compresses : {false, true}) {
    FakeUpstream upstream({.compresses = compresses});
    upstream.OnUnary("/pkg.Service/Method", UnaryReply{.bytes = kText});
    const std::size_t size = PackedSize(upstream);
    EXPECT_EQ(size < 200, compresses) << size;
  }
}

}  // namespace
}  // namespace puente::test
