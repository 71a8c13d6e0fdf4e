// Codec DYNAMIC: by descriptors and reflection, with little prepared per type. Slower than the
// compiled one, and its oracle.
#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/dynamic_message.h>

#include <algorithm>
#include <utility>

#include "transcoder/body_reader.h"
#include "transcoder/codec.h"
#include "transcoder/field_names.h"
#include "transcoder/json_body.h"
#include "transcoder/json_printer.h"
#include "transcoder/request_binding.h"

namespace puente {
namespace {

using google::protobuf::Arena;
using google::protobuf::DynamicMessageFactory;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Fields of google.api.HttpBody.
constexpr int kContentType = 1;
constexpr int kData = 2;

class DynamicRouteCodec : public RouteCodec {
 public:
  DynamicRouteCodec(const Route& route, const DescriptorSet& set, const FieldNames& names,
                    DynamicMessageFactory& factory, const CodecOptions& options)
      : route_(route),
        pool_(set.pool()),
        factory_(factory),
        options_(options),
        request_(*factory.GetPrototype(route.method->input_type())),
        response_(*factory.GetPrototype(route.method->output_type())),
        json_(route, pool_, names, options),
        body_reader_(route, json_, request_, options) {}

  Result<BoundTarget> Bind(const TargetInput& target, DroppedInput& dropped) const override {
    return BindTarget(route_, target, options_, request_, dropped);
  }

  Result<std::string> Encode(const BoundTarget& target, const BodyInput& body,
                             DroppedInput& dropped) const override {
    return body_reader_.Read(target, body, dropped);
  }

  Result<void> DecodeResponse(std::string_view message, Payload& payload) const override {
    payload.content_type = "application/json";
    payload.bytes.clear();
    Arena arena;
    Message& response = *response_.New(&arena);
    if (!ParseMessage(message, options_.max_json_depth, response)) {
      return Fail(
          Code::kInternal,
          fmt::format("the answer of {} is not a valid {}: broken, not UTF-8, or nested too deep",
                      route_.method->full_name(), response.GetDescriptor()->full_name()));
    }
    if (route_.response_is_http_body) return PrintHttpBody(response, payload);
    return Print(response, message.size(), payload.bytes);
  }

 private:
  Result<void> Print(const Message& response, std::size_t size, std::string& out) const {
    JsonPrinter printer(pool_, factory_, options_, out, /*depth=*/0, AnyBudget(size));
    const auto printed = route_.response_field != nullptr
                             ? printer.Print(response, *route_.response_field)
                             : printer.Print(response);
    if (printed) return {};
    return Fail(Code::kInternal, fmt::format("the answer of {} has no JSON form: {}",
                                             route_.method->full_name(), printed.error()));
  }

  Result<void> PrintHttpBody(const Message& response, Payload& payload) const {
    const Message& body = route_.response_field != nullptr ? response.GetReflection()->GetMessage(
                                                                 response, route_.response_field)
                                                           : response;
    payload.content_type = StringField(body, kContentType);
    payload.bytes = StringField(body, kData);
    return {};
  }

  static std::string StringField(const Message& message, int number) {
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByNumber(number);
    return message.GetReflection()->GetString(message, field);
  }

  const Route& route_;
  const google::protobuf::DescriptorPool& pool_;
  DynamicMessageFactory& factory_;  // locks itself
  const CodecOptions& options_;
  const Message& request_;
  const Message& response_;
  const DescribedJsonBody json_;
  const BodyReader body_reader_;
};

class DynamicCodec : public Codec {
 public:
  DynamicCodec(std::shared_ptr<const DescriptorSet> set, const CodecOptions& options)
      : set_(std::move(set)), names_(*set_), factory_(&set_->pool()), options_(options) {
    options_.max_json_depth = std::clamp(options_.max_json_depth, 1, CodecOptions::kDeepestJson);
  }

  std::unique_ptr<const RouteCodec> ForRoute(const Route& route) const override {
    return std::make_unique<DynamicRouteCodec>(route, *set_, names_, factory_, options_);
  }

 private:
  std::shared_ptr<const DescriptorSet> set_;
  const FieldNames names_;
  mutable DynamicMessageFactory factory_;
  CodecOptions options_;
};

}  // namespace

std::unique_ptr<const Codec> MakeDynamicCodec(std::shared_ptr<const DescriptorSet> set,
                                              const CodecOptions& options) {
  return std::make_unique<DynamicCodec>(std::move(set), options);
}

}  // namespace puente
