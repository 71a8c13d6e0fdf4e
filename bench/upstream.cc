// The upstream of the side-by-side benchmark: a gRPC server of the billing contract that costs as
// little as it can, for it shares a core with the load generator. One thread; answers are
// serialized once; requests are read, not parsed.
//
//     bench_upstream [--listen 127.0.0.1:0]
//
// GetInvoice    an invoice whose JSON has about 400 bytes, or N when its id is "size-N"
// CreateInvoice the same 400 bytes
// ListInvoices  a list of about 35 KB
// WatchInvoices 100 messages, each such an invoice
// Export        an empty message, as a collector of spans does
// Any other method is answered like CreateInvoice, so that generated contracts need no server of
// their own.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include "bench/sample_invoice.h"

namespace puente::bench {
namespace {

constexpr std::size_t kInvoiceBytes = 400;
constexpr std::size_t kMaxInvoiceBytes = std::size_t{64} << 20;
constexpr int kListedInvoices = 87;
constexpr int kStreamedInvoices = 100;
constexpr int kMaxMessageBytes = 128 << 20;

grpc::ByteBuffer Serialized(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

class Answers {
 public:
  const grpc::ByteBuffer& Empty() const { return empty_; }
  const grpc::ByteBuffer& List() const { return list_; }
  const grpc::ByteBuffer& Invoice() const { return invoice_; }

  // Of the size that the id of a GetInvoiceRequest asks for.
  const grpc::ByteBuffer& Invoice(const grpc::ByteBuffer& request) {
    const std::size_t size = SizeAskedFor(request);
    if (size == 0) return invoice_;
    const auto [at, added] = by_size_.try_emplace(size);
    if (added) at->second = Serialized(SampleInvoice(size));
    return at->second;
  }

 private:
  static std::size_t SizeAskedFor(const grpc::ByteBuffer& request) {
    constexpr std::string_view kMark = "size-";
    grpc::Slice slice;
    if (!request.TrySingleSlice(&slice).ok()) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(slice.begin()), slice.size());
    const auto mark = bytes.find(kMark);
    if (mark == bytes.npos) return 0;
    std::size_t size = 0;
    std::from_chars(bytes.data() + mark + kMark.size(), bytes.data() + bytes.size(), size);
    return std::min(size, kMaxInvoiceBytes);
  }

  grpc::ByteBuffer empty_ = Serialized(billing::v1::Invoice());
  grpc::ByteBuffer invoice_ = Serialized(SampleInvoice(kInvoiceBytes));
  grpc::ByteBuffer list_ = Serialized(SampleList(kListedInvoices));
  std::map<std::size_t, grpc::ByteBuffer> by_size_;
};

// One call, from its arrival to its end; deletes itself then. It has one operation under way at any
// time.
class Call {
 public:
  Call(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue, Answers& answers)
      : service_(service), queue_(queue), answers_(answers) {
    service.RequestCall(&context_, &stream_, &queue, &queue, this);
  }

  // The operation has ended; `ok` is false when its peer or the server has gone.
  void Proceed(bool ok) {
    if (!ok || step_ == Step::kFinish) {
      delete this;
    } else if (step_ == Step::kArrive) {
      new Call(service_, queue_, answers_);
      step_ = Step::kAnswer;
      stream_.Read(&request_, this);
    } else {
      Answer();
    }
  }

 private:
  enum class Step { kArrive, kAnswer, kFinish };

  void Answer() {
    if (answer_ == nullptr) ChooseAnswer();
    if (--remaining_ > 0) {
      stream_.Write(*answer_, this);
      return;
    }
    step_ = Step::kFinish;
    stream_.WriteAndFinish(*answer_, grpc::WriteOptions(), grpc::Status::OK, this);
  }

  void ChooseAnswer() {
    const std::string_view method(context_.method());
    if (method.ends_with("/GetInvoice")) {
      answer_ = &answers_.Invoice(request_);
    } else if (method.ends_with("/ListInvoices")) {
      answer_ = &answers_.List();
    } else if (method.ends_with("/Export")) {
      answer_ = &answers_.Empty();
    } else {
      answer_ = &answers_.Invoice();
      if (method.ends_with("/WatchInvoices")) remaining_ = kStreamedInvoices;
    }
  }

  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  Answers& answers_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  grpc::ByteBuffer request_;
  const grpc::ByteBuffer* answer_ = nullptr;
  int remaining_ = 1;
  Step step_ = Step::kArrive;
};

int Serve(const std::string& address) {
  grpc::AsyncGenericService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.RegisterAsyncGenericService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::fprintf(stderr, "bench_upstream: can't listen on %s\n", address.c_str());
    return 1;
  }
  std::printf("listening on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  Answers answers;
  new Call(service, *queue, answers);
  void* call = nullptr;
  bool ok = false;
  while (queue->Next(&call, &ok)) static_cast<Call*>(call)->Proceed(ok);
  return 0;
}

}  // namespace
}  // namespace puente::bench

int main(int argc, char** argv) {
  if (argc == 1) return puente::bench::Serve("127.0.0.1:0");
  if (argc == 3 && std::string_view(argv[1]) == "--listen") return puente::bench::Serve(argv[2]);
  std::fprintf(stderr, "usage: %s [--listen HOST:PORT]\n", argv[0]);
  return 2;
}
