// Both codecs at once, each the other's oracle.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "descriptors/descriptor_set.h"
#include "transcoder/codec.h"

namespace puente::testing {

// Told what the codecs differ in, and over which input.
using OnDifference = std::function<void(std::string_view what, std::string_view input)>;

class BothRouteCodecs final : public RouteCodec {
 public:
  BothRouteCodecs(std::unique_ptr<const RouteCodec> compiled,
                  std::unique_ptr<const RouteCodec> dynamic, const OnDifference& on_difference)
      : compiled_(std::move(compiled)),
        dynamic_(std::move(dynamic)),
        on_difference_(on_difference) {}

  Result<BoundTarget> Bind(const TargetInput& target, DroppedInput& dropped) const override {
    DroppedInput other = dropped;
    const auto expected = dynamic_->Bind(target, other);
    auto bound = compiled_->Bind(target, dropped);
    if (Compare(bound, expected, target.query) && bound && bound->wire != expected->wire) {
      on_difference_("what path and query set", target.query);
    }
    CompareDropped(dropped, other, target.query);
    return bound;
  }

  Result<std::string> Encode(const BoundTarget& target, const BodyInput& body,
                             DroppedInput& dropped) const override {
    DroppedInput other = dropped;
    const auto expected = dynamic_->Encode(target, body, other);
    auto wire = compiled_->Encode(target, body, dropped);
    if (Compare(wire, expected, body.bytes) && wire && *wire != *expected) {
      on_difference_("the message", body.bytes);
    }
    CompareDropped(dropped, other, body.bytes);
    return wire;
  }

  Result<void> DecodeResponse(std::string_view message, Payload& payload) const override {
    Payload other;
    const auto expected = dynamic_->DecodeResponse(message, other);
    auto decoded = compiled_->DecodeResponse(message, payload);
    const bool is_same = payload.bytes == other.bytes && payload.content_type == other.content_type;
    if (Compare(decoded, expected, message) && decoded && !is_same) {
      on_difference_("the answer", message);
    }
    return decoded;
  }

 private:
  // Whether both are values or both are errors.
  template <class T>
  bool Compare(const Result<T>& result, const Result<T>& expected, std::string_view input) const {
    if (result.has_value() != expected.has_value()) {
      on_difference_(expected ? "only DYNAMIC takes it" : "only COMPILED takes it", input);
      return false;
    }
    if (!result && (result.error().code != expected.error().code ||
                    result.error().message != expected.error().message ||
                    result.error().HttpStatus() != expected.error().HttpStatus())) {
      on_difference_("the error", input);
    }
    return true;
  }
  void CompareDropped(const DroppedInput& dropped, const DroppedInput& expected,
                      std::string_view input) const {
    if (dropped.in_body != expected.in_body || dropped.in_query != expected.in_query ||
        dropped.names != expected.names) {
      on_difference_("what is let pass", input);
    }
  }

  const std::unique_ptr<const RouteCodec> compiled_;
  const std::unique_ptr<const RouteCodec> dynamic_;
  const OnDifference& on_difference_;
};

// What it says is what COMPILED says.
class BothCodecs final : public Codec {
 public:
  BothCodecs(const std::shared_ptr<const DescriptorSet>& set, const CodecOptions& options,
             OnDifference on_difference)
      : compiled_(MakeCompiledCodec(set, options)),
        dynamic_(MakeDynamicCodec(set, options)),
        on_difference_(std::move(on_difference)) {}

  std::unique_ptr<const RouteCodec> ForRoute(const Route& route) const override {
    return std::make_unique<BothRouteCodecs>(compiled_->ForRoute(route), dynamic_->ForRoute(route),
                                             on_difference_);
  }

 private:
  const std::unique_ptr<const Codec> compiled_;
  const std::unique_ptr<const Codec> dynamic_;
  const OnDifference on_difference_;
};

}  // namespace puente::testing
