// The codec interface: HTTP parameters and JSON in, wire bytes out, and back. Two implementations
// stand behind it and are each other's oracle.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/error.h"
#include "transcoder/route.h"

namespace puente {

// What happens to input that nothing is bound to.
enum class UnknownInput {
  kReject,
  kWarn,    // let pass, counted and named
  kIgnore,  // let pass and counted
};

// transcoding.json and the limits that concern a codec.
struct CodecOptions {
  // What keeps the stack of a thread small: a max_json_depth above it counts as this.
  static constexpr int kDeepestJson = 1000;

  bool always_print_fields_with_no_presence = false;
  bool preserve_proto_field_names = false;
  bool print_enums_as_ints = false;
  // 64-bit integers as JSON numbers, as far as every reader takes them exactly (up to 2^53 - 1);
  // beyond that as strings still.
  bool int64_as_number = false;
  UnknownInput unknown_fields = UnknownInput::kReject;
  UnknownInput unknown_query = UnknownInput::kReject;
  // By the name as decoded, never an error: left out of the query and not counted, even where they
  // name a field. A form is a body, to which the list says nothing.
  std::vector<std::string> ignored_query_parameters;
  bool plus_is_space = true;        // transcoding.query_plus
  int max_json_depth = 100;         // of objects and arrays together, in requests and in answers
  int max_query_parameters = 4096;  // of the query, and of a form
};

// What the target of a request binds. Views: they need only live through the call.
struct TargetInput {
  std::span<const std::string> captures;  // decoded path variables, parallel to Route::variables
  std::string_view query;                 // raw, without '?'
};

// A body, or one message of a streamed one.
struct BodyInput {
  std::string_view content_type;  // the header's value; empty when there is none
  std::string_view bytes;         // empty when there is none
};

// A field that the query sets.
struct BoundField {
  FieldPath path;
  std::string origin;  // `query parameter "page_size"`, for messages
};

// What path and query set in every message of a request.
struct BoundTarget {
  std::string wire;               // the fields, serialized
  std::vector<BoundField> query;  // those of the query; the path's are Route::variables
};

// What a request held that nothing is bound to, and that was let pass (design section 4, rule 1).
struct DroppedInput {
  static constexpr std::size_t kMaxNames = 16;

  std::size_t in_body = 0;   // fields; a whole body where the route asks for none counts as one
  std::size_t in_query = 0;  // parameters, and fields of a form
  // Of the first of them, where they are to be named: `query parameter "utm"`, `invoice.colour`. A
  // field of the body whose name is not plain (see IsPlainName) is only counted.
  std::vector<std::string> names;
};

// The body of an answer, or one message of a streamed one.
struct Payload {
  // "application/json", or that of a google.api.HttpBody ("" when it names none).
  std::string content_type;
  std::string bytes;
};

// Translates for one route. Immutable; may be used from any thread.
class RouteCodec {
 public:
  virtual ~RouteCodec() = default;

  // Binds path and query, once per request (rules 1, 7 and 9). Errors are INVALID_ARGUMENT and name
  // the parameter, never its value. Takes time linear in the input.
  virtual Result<BoundTarget> Bind(const TargetInput& target, DroppedInput& dropped) const = 0;

  // The serialized request message of `body` with what `target` sets: path variables win over the
  // body, the body over the query (rules 1, 6, 9 and 10). For a stream, called for each message.
  // The body is JSON, a form, or anything where the route asks for a google.api.HttpBody. Errors
  // are INVALID_ARGUMENT and name the parameter or the place in the body
  // ("invoice.lines[2].quantity"), never a value; 415 for a media type that is not the route's.
  // Takes time linear in the input.
  virtual Result<std::string> Encode(const BoundTarget& target, const BodyInput& body,
                                     DroppedInput& dropped) const = 0;

  // The answer that `message`, a serialized response message, becomes: canonical proto3 JSON of it
  // or of its response_body field, or the data of a google.api.HttpBody. `payload` is overwritten;
  // its capacity is reused. Errors are INTERNAL: bytes that are not the message, text that is not
  // UTF-8, JSON deeper than max_json_depth, Anys nested so that they multiply the message.
  virtual Result<void> DecodeResponse(std::string_view message, Payload& payload) const = 0;
};

class Codec {
 public:
  virtual ~Codec() = default;
  // A codec for `route`, which must outlive it, as must the Codec itself.
  virtual std::unique_ptr<const RouteCodec> ForRoute(const Route& route) const = 0;
};

// Codec DYNAMIC: led by descriptors and reflection, with the names of fields indexed and nothing
// else prepared per type. Its JSON reader
// and printer are its own; protobuf's json_util is only what the tests compare them with. `set` is
// kept alive by the codec.
std::unique_ptr<const Codec> MakeDynamicCodec(std::shared_ptr<const DescriptorSet> set,
                                              const CodecOptions& options);

// Codec COMPILED: led by tables that are built once, here. What is rare it leaves to DYNAMIC, and
// what it refuses, DYNAMIC explains. `set` is kept alive by the codec.
std::unique_ptr<const Codec> MakeCompiledCodec(std::shared_ptr<const DescriptorSet> set,
                                               const CodecOptions& options);

}  // namespace puente
