// Codec DYNAMIC: by descriptors and reflection, with nothing prepared per type. Slower than the
// compiled one, and its oracle.
#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/dynamic_message.h>

#include <algorithm>
#include <utility>

#include "transcoder/codec.h"
#include "transcoder/json_printer.h"
#include "transcoder/json_reader.h"
#include "transcoder/media_type.h"
#include "transcoder/request_binding.h"
#include "transcoder/utf8.h"
#include "transcoder/well_known.h"

namespace puente {
namespace {

using google::protobuf::Arena;
using google::protobuf::DynamicMessageFactory;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What keeps the stack of a thread small, whatever is configured.
constexpr int kDeepestJson = 1000;

// Fields of google.api.HttpBody.
constexpr int kContentType = 1;
constexpr int kData = 2;

// Its JSON is an object of which {} is one.
bool IsObject(const FieldDescriptor& field) {
  if (field.is_repeated() || field.type() != FieldDescriptor::TYPE_MESSAGE) return false;
  const WellKnown kind = KindOf(*field.message_type());
  return kind == WellKnown::kNone || kind == WellKnown::kStruct || kind == WellKnown::kAny;
}

// Two members of one oneof.
bool AreRivals(const FieldDescriptor& a, const FieldDescriptor& b) {
  return &a != &b && a.real_containing_oneof() != nullptr &&
         a.real_containing_oneof() == b.real_containing_oneof();
}

class DynamicRouteCodec : public RouteCodec {
 public:
  DynamicRouteCodec(const Route& route, const DescriptorSet& set, DynamicMessageFactory& factory,
                    const CodecOptions& options)
      : route_(route),
        pool_(set.pool()),
        factory_(factory),
        options_(options),
        bound_(route.variables),
        request_(*factory.GetPrototype(route.method->input_type())),
        response_(*factory.GetPrototype(route.method->output_type())) {}

  Result<BoundTarget> Bind(const TargetInput& target, DroppedInput& dropped) const override {
    auto parameters = BindParameters(route_, target, options_, dropped);
    if (!parameters) return tl::unexpected(parameters.error());
    BoundTarget bound;
    auto wire = EncodeParameters(*parameters);
    if (!wire) return tl::unexpected(wire.error());
    bound.wire = *std::move(wire);
    for (BoundParameter& parameter : *parameters) {
      bound.fields.push_back({std::move(parameter.path), std::move(parameter.origin)});
    }
    return bound;
  }

  Result<std::string> Encode(const BoundTarget& target, const BodyInput& body,
                             DroppedInput& dropped) const override {
    WireWriter message;
    if (auto read = ReadBody(target, body, dropped, message); !read) {
      return tl::unexpected(read.error());
    }
    // The path's fields come last, so that a oneof which the body sets, too, is theirs.
    return std::move(message).Finish().append(target.wire);
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
  // Parsed once, so that each field is there once, however many parameters set parts of it.
  Result<std::string> EncodeParameters(const std::vector<BoundParameter>& parameters) const {
    WireWriter wire;
    for (const BoundParameter& parameter : parameters) {
      if (auto appended = AppendParameter(parameter, wire); !appended) {
        return tl::unexpected(appended.error());
      }
    }
    if (parameters.size() <= 1) return std::move(wire).Finish();
    Arena arena;
    Message& message = *request_.New(&arena);
    message.ParsePartialFromString(std::move(wire).Finish());
    return message.SerializePartialAsString();
  }

  Result<void> ReadBody(const BoundTarget& target, const BodyInput& body, DroppedInput& dropped,
                        WireWriter& out) const {
    if (route_.body == Route::Body::kNone) {
      if (!body.bytes.empty()) ++dropped.in_body;
      return {};
    }
    if (route_.request_is_http_body) return ReadHttpBody(body, out);
    if (body.bytes.empty()) return ReadEmptyBody(target, out);
    if (!IsJson(body.content_type)) {
      return Fail(Code::kInvalidArgument, "the body's media type is not application/json in UTF-8",
                  415);
    }
    if (auto rival = CheckRivals(target, body.bytes); !rival) return rival;
    JsonReader reader(body.bytes, pool_, {options_.unknown_fields, options_.max_json_depth}, out);
    return route_.body == Route::Body::kField
               ? reader.ReadAsField(*route_.body_field, &bound_)
               : reader.ReadAsMessage(*route_.method->input_type(), &bound_);
  }

  // The body sets its field, and the query another member of the same oneof. (Of the path's fields
  // that is no error: they win.)
  Result<void> CheckRivals(const BoundTarget& target, std::string_view json) const {
    if (route_.body != Route::Body::kField) return {};
    if (IsNull(json) && !TakesNull(*route_.body_field)) return {};
    for (std::size_t i = route_.variables.size(); i < target.fields.size(); ++i) {
      if (!AreRivals(*target.fields[i].path.front(), *route_.body_field)) continue;
      return Fail(Code::kInvalidArgument,
                  fmt::format("{}: another member of the same oneof is given, too",
                              target.fields[i].origin));
    }
    return {};
  }

  // As if it were {}.
  Result<void> ReadEmptyBody(const BoundTarget& target, WireWriter& out) const {
    if (route_.body != Route::Body::kField || !IsObject(*route_.body_field)) return {};
    const bool is_displaced = std::ranges::any_of(target.fields, [this](const BoundField& field) {
      return AreRivals(*field.path.front(), *route_.body_field);
    });
    if (is_displaced) return {};
    out.Open(route_.body_field->number());
    out.Close();
    return {};
  }

  static bool IsNull(std::string_view json) {
    constexpr std::string_view kWhitespace = " \t\r\n";
    const std::size_t begin = std::min(json.find_first_not_of(kWhitespace), json.size());
    const std::size_t end = json.find_last_not_of(kWhitespace) + 1;
    return begin < end && json.substr(begin, end - begin) == "null";
  }

  Result<void> ReadHttpBody(const BodyInput& input, WireWriter& out) const {
    if (input.content_type.empty() && input.bytes.empty()) return {};
    if (!IsUtf8(input.content_type)) {
      return Fail(Code::kInvalidArgument, "the body's media type is not UTF-8", 415);
    }
    const bool nested = route_.body == Route::Body::kField;
    if (nested) out.Open(route_.body_field->number());
    if (!input.content_type.empty()) out.Bytes(kContentType, input.content_type);
    if (!input.bytes.empty()) out.Bytes(kData, input.bytes);
    if (nested) out.Close();
    return {};
  }

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
  const BoundFields bound_;
  const Message& request_;
  const Message& response_;
};

class DynamicCodec : public Codec {
 public:
  DynamicCodec(std::shared_ptr<const DescriptorSet> set, const CodecOptions& options)
      : set_(std::move(set)), factory_(&set_->pool()), options_(options) {
    options_.max_json_depth = std::clamp(options_.max_json_depth, 1, kDeepestJson);
  }

  std::unique_ptr<const RouteCodec> ForRoute(const Route& route) const override {
    return std::make_unique<DynamicRouteCodec>(route, *set_, factory_, options_);
  }

 private:
  std::shared_ptr<const DescriptorSet> set_;
  mutable DynamicMessageFactory factory_;
  CodecOptions options_;
};

}  // namespace

std::unique_ptr<const Codec> MakeDynamicCodec(std::shared_ptr<const DescriptorSet> set,
                                              const CodecOptions& options) {
  return std::make_unique<DynamicCodec>(std::move(set), options);
}

}  // namespace puente
