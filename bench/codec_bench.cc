// JSON to wire bytes and back: the codecs, and protobuf's json_util over generated classes.
#include <benchmark/benchmark.h>
#include <google/protobuf/util/json_util.h>

#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "bench/sample_invoice.h"
#include "billing/v1/billing.pb.h"
#include "descriptors/descriptor_set.h"
#include "transcoder/codec.h"

namespace puente {
namespace {

using billing::v1::Invoice;
using google::protobuf::Message;

using MakeCodec = decltype(&MakeCompiledCodec);

Invoice SmallInvoice() { return bench::SampleInvoice(400); }
Invoice LargeInvoice() { return bench::SampleInvoice(102400); }
billing::v1::ListInvoicesResponse SampleList() { return bench::SampleList(87); }

void AddWithImports(const google::protobuf::FileDescriptor& file,
                    google::protobuf::FileDescriptorSet& set) {
  for (int i = 0; i < file.dependency_count(); ++i) AddWithImports(*file.dependency(i), set);
  for (const auto& added : set.file()) {
    if (added.name() == file.name()) return;
  }
  file.CopyTo(set.add_file());
}

// A codec for one route of the example API.
class Fixture {
 public:
  Fixture(MakeCodec make, const char* method, const char* http_method, const char* path,
          const char* body) {
    google::protobuf::FileDescriptorSet files;
    AddWithImports(*Invoice::descriptor()->file(), files);
    DescriptorSetBuilder builder;
    builder.AddBytes("billing.pb", files.SerializeAsString());
    set_ = std::move(builder).Build().value();
    codec_ = make(set_, {});
    HttpBinding binding;
    binding.method =
        set_->pool().FindMethodByName(std::string("billing.v1.BillingService.") + method);
    binding.http_method = http_method;
    binding.path_template = path;
    binding.body = body;
    route_ = CompileRoute(binding).value();
    route_codec_ = codec_->ForRoute(route_);
  }

  const RouteCodec& codec() const { return *route_codec_; }

 private:
  std::shared_ptr<const DescriptorSet> set_;
  std::unique_ptr<const Codec> codec_;
  Route route_;
  std::unique_ptr<const RouteCodec> route_codec_;
};

std::string JsonOf(const Message& message) {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) {
    throw std::logic_error("the sample has no JSON");
  }
  return json;
}

void Print(benchmark::State& state, MakeCodec make, const char* method, const char* path,
           const Message& answer) {
  const Fixture fixture(make, method, "GET", path, "");
  const std::string wire = answer.SerializeAsString();
  Payload payload;
  for (auto _ : state) {
    if (!fixture.codec().DecodeResponse(wire, payload)) state.SkipWithError("not printed");
    benchmark::DoNotOptimize(payload.bytes.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * payload.bytes.size()));
}

void PrintInvoice(benchmark::State& state, MakeCodec make) {
  Print(state, make, "GetInvoice", "/v1/invoices/{id}", SmallInvoice());
}
void PrintList(benchmark::State& state, MakeCodec make) {
  Print(state, make, "ListInvoices", "/v1/invoices", SampleList());
}

// From wire bytes, as an answer comes.
template <class T>
void PrintByJsonUtil(benchmark::State& state, const T& answer) {
  const std::string wire = answer.SerializeAsString();
  std::size_t size = 0;
  for (auto _ : state) {
    T message;
    std::string json;
    message.ParseFromString(wire);
    if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) {
      state.SkipWithError("not printed");
    }
    size = json.size();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * size));
}

void Read(benchmark::State& state, MakeCodec make, const Invoice& invoice) {
  const Fixture fixture(make, "CreateInvoice", "POST", "/v1/customers/{customer_id}/invoices",
                        "invoice");
  const std::string json = JsonOf(invoice);
  const std::string captures[] = {"c-42"};
  for (auto _ : state) {
    DroppedInput dropped;
    const auto target = fixture.codec().Bind({.captures = captures, .query = {}}, dropped);
    auto message = fixture.codec().Encode(*target, {.content_type = {}, .bytes = json}, dropped);
    if (!message) state.SkipWithError(message.error().message.c_str());
    benchmark::DoNotOptimize(message);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * json.size()));
}

void ReadInvoice(benchmark::State& state, MakeCodec make) { Read(state, make, SmallInvoice()); }
void ReadLargeInvoice(benchmark::State& state, MakeCodec make) {
  Read(state, make, LargeInvoice());
}

void ReadByJsonUtil(benchmark::State& state, const Invoice& invoice) {
  const std::string json = JsonOf(invoice);
  for (auto _ : state) {
    Invoice message;
    if (!google::protobuf::util::JsonStringToMessage(json, &message).ok()) {
      state.SkipWithError("not read");
    }
    std::string wire = message.SerializeAsString();
    benchmark::DoNotOptimize(wire);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * json.size()));
}

BENCHMARK_CAPTURE(PrintInvoice, compiled, MakeCompiledCodec);
BENCHMARK_CAPTURE(PrintInvoice, dynamic, MakeDynamicCodec);
BENCHMARK_CAPTURE(PrintByJsonUtil, invoice, SmallInvoice());
BENCHMARK_CAPTURE(PrintList, compiled, MakeCompiledCodec);
BENCHMARK_CAPTURE(PrintList, dynamic, MakeDynamicCodec);
BENCHMARK_CAPTURE(PrintByJsonUtil, list, SampleList());
BENCHMARK_CAPTURE(ReadInvoice, compiled, MakeCompiledCodec);
BENCHMARK_CAPTURE(ReadInvoice, dynamic, MakeDynamicCodec);
BENCHMARK_CAPTURE(ReadByJsonUtil, invoice, SmallInvoice());
BENCHMARK_CAPTURE(ReadLargeInvoice, compiled, MakeCompiledCodec);
BENCHMARK_CAPTURE(ReadLargeInvoice, dynamic, MakeDynamicCodec);
BENCHMARK_CAPTURE(ReadByJsonUtil, large_invoice, LargeInvoice());

}  // namespace
}  // namespace puente
