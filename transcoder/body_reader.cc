#include "transcoder/body_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "transcoder/field_path.h"
#include "transcoder/form.h"
#include "transcoder/media_type.h"
#include "transcoder/utf8.h"
#include "transcoder/well_known.h"
#include "transcoder/wire_writer.h"

namespace puente {

using google::protobuf::FieldDescriptor;

namespace {

// Fields of google.api.HttpBody.
constexpr int kContentType = 1;
constexpr int kData = 2;

// Its JSON is an object of which {} is one.
bool IsObject(const FieldDescriptor& field) {
  if (field.is_repeated() || field.type() != FieldDescriptor::TYPE_MESSAGE) return false;
  const WellKnown kind = KindOf(*field.message_type());
  return kind == WellKnown::kNone || kind == WellKnown::kStruct || kind == WellKnown::kAny;
}

bool IsNull(std::string_view json) {
  constexpr std::string_view kWhitespace = " \t\r\n";
  const std::size_t begin = std::min(json.find_first_not_of(kWhitespace), json.size());
  const std::size_t end = json.find_last_not_of(kWhitespace) + 1;
  return begin < end && json.substr(begin, end - begin) == "null";
}

// `has_dropped`: of the keys of the body, some were let pass. What is then left without a mask
// would have the service replace the whole resource (AIP-134).
Result<std::string> WithMask(std::string wire, const FieldDescriptor* field,
                             const MaskCollector& mask, bool has_dropped) {
  if (field == nullptr) return wire;
  if (has_dropped && mask.is_empty()) {
    return Fail(Code::kInvalidArgument, "the body has no known field to update");
  }
  if (mask.is_too_large()) {
    return Fail(Code::kInvalidArgument,
                fmt::format("{}: the keys of the body make more than {} bytes of field paths",
                            field->json_name(), MaskCollector::kMostBytes));
  }
  WireWriter out;
  mask.AppendTo(*field, out);
  return wire.append(std::move(out).Finish());
}

}  // namespace

BodyReader::BodyReader(const Route& route, const JsonBody& json,
                       const google::protobuf::Message& request, const CodecOptions& options)
    : route_(route),
      json_(json),
      request_(request),
      options_(options),
      update_mask_(FindUpdateMask(route)) {}

Result<std::string> BodyReader::Read(const BoundTarget& target, const BodyInput& body,
                                     DroppedInput& dropped) const {
  auto message = ReadBody(target, body, dropped);
  // The path's fields come last, so that a oneof which the body sets, too, is theirs.
  if (message) message->append(target.wire);
  return message;
}

Result<std::string> BodyReader::ReadBody(const BoundTarget& target, const BodyInput& body,
                                         DroppedInput& dropped) const {
  if (route_.body == Route::Body::kNone) return Drop(body, dropped);
  if (route_.request_is_http_body) return ReadHttpBody(body);
  if (body.bytes.empty()) return ReadEmpty(target);
  if (IsForm(body.content_type)) return ReadForm(target, body.bytes, dropped);
  if (IsJson(body.content_type)) return ReadJson(target, body.bytes, dropped);
  return Fail(
      Code::kInvalidArgument,
      "the body's media type is neither application/json nor a form, or its charset is not UTF-8",
      415);
}

Result<std::string> BodyReader::Drop(const BodyInput& body, DroppedInput& dropped) const {
  if (body.bytes.empty()) return {};
  ++dropped.in_body;
  const bool is_named = options_.unknown_fields == UnknownInput::kWarn &&
                        dropped.names.size() < DroppedInput::kMaxNames;
  if (is_named) dropped.names.emplace_back("body");
  return {};
}

Result<std::string> BodyReader::ReadHttpBody(const BodyInput& body) const {
  if (body.content_type.empty() && body.bytes.empty()) return {};
  if (!IsUtf8(body.content_type)) {
    return Fail(Code::kInvalidArgument, "the body's media type is not UTF-8", 415);
  }
  WireWriter out;
  const bool nested = route_.body == Route::Body::kField;
  if (nested) out.Open(route_.body_field->number());
  if (!body.content_type.empty()) out.Bytes(kContentType, body.content_type);
  if (!body.bytes.empty()) out.Bytes(kData, body.bytes);
  if (nested) out.Close();
  return std::move(out).Finish();
}

// As if it were {}.
Result<std::string> BodyReader::ReadEmpty(const BoundTarget& target) const {
  if (route_.body != Route::Body::kField || !IsObject(*route_.body_field)) return {};
  const bool is_displaced = IsSet(target, [this](const FieldDescriptor& field) {
    return AreRivals(field, *route_.body_field);
  });
  if (is_displaced) return {};
  WireWriter out;
  out.Open(route_.body_field->number());
  out.Close();
  return std::move(out).Finish();
}

Result<std::string> BodyReader::ReadJson(const BoundTarget& target, std::string_view json,
                                         DroppedInput& dropped) const {
  if (auto rival = CheckRivals(target, json); !rival) return tl::unexpected(rival.error());
  const FieldDescriptor* mask_field = MaskToFill(target);
  const std::size_t dropped_before = dropped.in_body;
  MaskCollector mask;
  WireWriter out;
  const auto read = json_.Read(json, out, dropped, mask_field != nullptr ? &mask : nullptr);
  if (!read) return tl::unexpected(read.error());
  return WithMask(std::move(out).Finish(), mask_field, mask, dropped.in_body > dropped_before);
}

Result<std::string> BodyReader::ReadForm(const BoundTarget& target, std::string_view form,
                                         DroppedInput& dropped) const {
  const std::size_t dropped_before = dropped.in_query;
  const auto parameters = BindForm(route_, target, form, options_, dropped);
  if (!parameters) return tl::unexpected(parameters.error());
  auto wire = parameters->empty() ? ReadEmpty(target) : EncodeParameters(*parameters, request_);
  if (!wire) return wire;
  const FieldDescriptor* mask_field = MaskToFill(target);
  MaskCollector mask;
  if (mask_field != nullptr) {
    for (const BoundParameter& parameter : *parameters) {
      mask.AddPath(FieldPath(parameter.path.begin() + 1, parameter.path.end()));
    }
  }
  return WithMask(*std::move(wire), mask_field, mask, dropped.in_query > dropped_before);
}

// The body sets its field, and the query another member of the same oneof. (Of the path's fields
// that is no error: they win.)
Result<void> BodyReader::CheckRivals(const BoundTarget& target, std::string_view json) const {
  if (route_.body != Route::Body::kField) return {};
  if (IsNull(json) && !TakesNull(*route_.body_field)) return {};
  for (const BoundField& field : target.query) {
    if (!AreRivals(*field.path.front(), *route_.body_field)) continue;
    return Fail(Code::kInvalidArgument,
                fmt::format("{}: another member of the same oneof is given, too", field.origin));
  }
  return {};
}

const FieldDescriptor* BodyReader::MaskToFill(const BoundTarget& target) const {
  if (update_mask_ == nullptr) return nullptr;
  const bool is_set =
      IsSet(target, [this](const FieldDescriptor& field) { return &field == update_mask_; });
  return is_set ? nullptr : update_mask_;
}

template <class Matches>
bool BodyReader::IsSet(const BoundTarget& target, Matches matches) const {
  const auto by_path = [&](const FieldPath& path) { return matches(*path.front()); };
  return std::ranges::any_of(route_.variables, by_path) ||
         std::ranges::any_of(target.query, by_path, &BoundField::path);
}

}  // namespace puente
