// JSON to wire bytes and back, through the codec interface.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "billing/v1/billing.pb.h"
#include "descriptors/descriptor_set.h"
#include "transcoder/codec.h"

namespace puente {
namespace {

billing::v1::Invoice SampleInvoice(int number) {
  billing::v1::Invoice invoice;
  invoice.set_id("inv-" + std::to_string(number));
  invoice.set_customer_id("c-42");
  invoice.set_status(billing::v1::STATUS_OPEN);
  invoice.mutable_total()->set_currency("EUR");
  invoice.mutable_total()->set_units(129);
  for (int i = 0; i < 3; ++i) {
    auto* line = invoice.add_lines();
    line->set_sku("sku-" + std::to_string(i));
    line->set_description("a thing that somebody bought");
    line->set_quantity(2);
    line->mutable_price()->set_units(21);
  }
  invoice.mutable_created_at()->set_seconds(1'790'000'000);
  (*invoice.mutable_labels())["region"] = "eu";
  return invoice;
}

// The example API, and a codec for one of its routes.
class Fixture {
 public:
  explicit Fixture(const char* method, const char* http_method, const char* path,
                   const char* body) {
    google::protobuf::FileDescriptorSet files;
    AddWithImports(*billing::v1::Invoice::descriptor()->file(), files);
    DescriptorSetBuilder builder;
    builder.AddBytes("billing.pb", files.SerializeAsString());
    set_ = *std::move(builder).Build();
    codec_ = MakeDynamicCodec(set_, {});
    HttpBinding binding;
    binding.method =
        set_->pool().FindMethodByName(std::string("billing.v1.BillingService.") + method);
    binding.http_method = http_method;
    binding.path_template = path;
    binding.body = body;
    route_ = *CompileRoute(binding);
    route_codec_ = codec_->ForRoute(route_);
  }

  const RouteCodec& codec() const { return *route_codec_; }

 private:
  static void AddWithImports(const google::protobuf::FileDescriptor& file,
                             google::protobuf::FileDescriptorSet& set) {
    for (int i = 0; i < file.dependency_count(); ++i) AddWithImports(*file.dependency(i), set);
    for (const auto& added : set.file()) {
      if (added.name() == file.name()) return;
    }
    file.CopyTo(set.add_file());
  }

  std::shared_ptr<const DescriptorSet> set_;
  std::unique_ptr<const Codec> codec_;
  Route route_;
  std::unique_ptr<const RouteCodec> route_codec_;
};

void Decode(benchmark::State& state, const Fixture& fixture, const std::string& wire) {
  Payload payload;
  for (auto _ : state) {
    if (!fixture.codec().DecodeResponse(wire, payload)) state.SkipWithError("not decoded");
    benchmark::DoNotOptimize(payload.bytes.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * payload.bytes.size()));
}

void BM_DecodeInvoice(benchmark::State& state) {
  const Fixture fixture("GetInvoice", "GET", "/v1/invoices/{id}", "");
  Decode(state, fixture, SampleInvoice(1).SerializeAsString());
}
BENCHMARK(BM_DecodeInvoice);

void BM_DecodeList(benchmark::State& state) {
  const Fixture fixture("ListInvoices", "GET", "/v1/invoices", "");
  billing::v1::ListInvoicesResponse list;
  for (int i = 0; i < 75; ++i) *list.add_invoices() = SampleInvoice(i);
  Decode(state, fixture, list.SerializeAsString());
}
BENCHMARK(BM_DecodeList);

void BM_EncodeInvoice(benchmark::State& state) {
  const Fixture response("GetInvoice", "GET", "/v1/invoices/{id}", "");
  const Fixture request("CreateInvoice", "POST", "/v1/customers/{customer_id}/invoices", "invoice");
  Payload json;
  if (!response.codec().DecodeResponse(SampleInvoice(1).SerializeAsString(), json)) {
    state.SkipWithError("no sample");
  }
  const std::string captures[] = {"c-42"};
  for (auto _ : state) {
    DroppedInput dropped;
    const auto target = request.codec().Bind({.captures = captures}, dropped);
    auto message = request.codec().Encode(*target, {.bytes = json.bytes}, dropped);
    if (!message) state.SkipWithError(message.error().message.c_str());
    benchmark::DoNotOptimize(message);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * json.bytes.size()));
}
BENCHMARK(BM_EncodeInvoice);

}  // namespace
}  // namespace puente
