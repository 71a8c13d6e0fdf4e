// Codec COMPILED: the fast pieces where they say yes, codec DYNAMIC where they say no.
#include <google/protobuf/dynamic_message.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "transcoder/body_reader.h"
#include "transcoder/codec.h"
#include "transcoder/compiled/json_to_wire.h"
#include "transcoder/compiled/message_tables.h"
#include "transcoder/compiled/wire_to_json.h"
#include "transcoder/field_names.h"
#include "transcoder/json_body.h"

namespace puente {
namespace {

using google::protobuf::Message;

const FieldTable& TableOf(const MessageTable& message,
                          const google::protobuf::FieldDescriptor& field) {
  return *message.FindByNumber(static_cast<std::uint32_t>(field.number()), message.fields.size());
}

class CompiledJsonBody final : public JsonBody {
 public:
  CompiledJsonBody(const Route& route, const MessageTables& tables, const CodecOptions& options,
                   const JsonBody& described)
      : tables_(tables),
        options_{.unknown_fields = options.unknown_fields, .max_depth = options.max_json_depth},
        described_(described),
        bound_(route.variables),
        request_(tables.Of(*route.method->input_type())),
        field_(route.body_field != nullptr ? &TableOf(request_, *route.body_field) : nullptr) {}

  Result<void> Read(std::string_view json, WireWriter& out, DroppedInput& dropped,
                    MaskCollector* mask) const override {
    const WireWriter::Mark mark = out.mark();
    const std::size_t dropped_before = dropped.in_body;
    JsonToWire reader(json, tables_, options_, out, dropped, mask);
    const bool read = field_ != nullptr ? reader.ReadAsField(*field_, &bound_)
                                        : reader.ReadAsMessage(request_, &bound_);
    if (read) return {};
    out.Rewind(mark);
    dropped.in_body = dropped_before;
    if (mask != nullptr) *mask = MaskCollector();
    return described_.Read(json, out, dropped, mask);
  }

 private:
  const MessageTables& tables_;
  const JsonToWire::Options options_;
  const JsonBody& described_;
  const BoundFields bound_;
  const MessageTable& request_;
  const FieldTable* const field_;  // of the request, when it is its body
};

class CompiledRouteCodec final : public RouteCodec {
 public:
  CompiledRouteCodec(const Route& route, const MessageTables& tables, const FieldNames& names,
                     const google::protobuf::DescriptorPool& pool, const Message& request,
                     const CodecOptions& options, std::unique_ptr<const RouteCodec> dynamic)
      : route_(route),
        tables_(tables),
        options_(options),
        described_json_(route, pool, names, options),
        json_(route, tables, options, described_json_),
        body_reader_(route, json_, request, options),
        response_(tables.Of(*route.method->output_type())),
        response_field_(route.response_field != nullptr ? &TableOf(response_, *route.response_field)
                                                        : nullptr),
        dynamic_(std::move(dynamic)) {}

  Result<BoundTarget> Bind(const TargetInput& target, DroppedInput& dropped) const override {
    return dynamic_->Bind(target, dropped);
  }

  Result<std::string> Encode(const BoundTarget& target, const BodyInput& body,
                             DroppedInput& dropped) const override {
    return body_reader_.Read(target, body, dropped);
  }

  Result<void> DecodeResponse(std::string_view message, Payload& payload) const override {
    if (route_.response_is_http_body || !Print(message, payload)) {
      return dynamic_->DecodeResponse(message, payload);
    }
    return {};
  }

 private:
  bool Print(std::string_view message, Payload& payload) const {
    payload.content_type = "application/json";
    payload.bytes.clear();
    WireToJson printer(tables_, options_, payload.bytes);
    return response_field_ != nullptr ? printer.PrintField(message, response_, *response_field_)
                                      : printer.Print(message, response_);
  }

  const Route& route_;
  const MessageTables& tables_;
  const CodecOptions& options_;
  const DescribedJsonBody described_json_;
  const CompiledJsonBody json_;
  const BodyReader body_reader_;
  const MessageTable& response_;
  const FieldTable* const response_field_;
  const std::unique_ptr<const RouteCodec> dynamic_;
};

class CompiledCodec final : public Codec {
 public:
  CompiledCodec(std::shared_ptr<const DescriptorSet> set, const CodecOptions& options)
      : set_(std::move(set)),
        options_(options),
        names_(*set_),
        factory_(&set_->pool()),
        tables_(*set_, options_),
        dynamic_(MakeDynamicCodec(set_, options_)) {
    options_.max_json_depth = std::clamp(options_.max_json_depth, 1, CodecOptions::kDeepestJson);
  }

  std::unique_ptr<const RouteCodec> ForRoute(const Route& route) const override {
    const Message& request = *factory_.GetPrototype(route.method->input_type());
    return std::make_unique<CompiledRouteCodec>(route, tables_, names_, set_->pool(), request,
                                                options_, dynamic_->ForRoute(route));
  }

 private:
  const std::shared_ptr<const DescriptorSet> set_;
  CodecOptions options_;
  const FieldNames names_;
  mutable google::protobuf::DynamicMessageFactory factory_;
  const MessageTables tables_;
  const std::unique_ptr<const Codec> dynamic_;
};

}  // namespace

std::unique_ptr<const Codec> MakeCompiledCodec(std::shared_ptr<const DescriptorSet> set,
                                               const CodecOptions& options) {
  return std::make_unique<CompiledCodec>(std::move(set), options);
}

}  // namespace puente
