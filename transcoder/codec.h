// The codec interface: HTTP parameters and JSON in, wire bytes out, and back. Two implementations
// stand behind it and are each other's oracle.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "transcoder/error.h"
#include "transcoder/route.h"

namespace puente {

enum class UnknownInput { kReject, kIgnore };

// transcoding.json and the limits that concern a codec.
struct CodecOptions {
  bool always_print_fields_with_no_presence = false;
  bool preserve_proto_field_names = false;
  bool print_enums_as_ints = false;
  UnknownInput unknown_fields = UnknownInput::kReject;
  UnknownInput unknown_query = UnknownInput::kReject;
  bool plus_is_space = true;  // transcoding.query_plus
  int max_json_depth = 100;   // of objects and arrays together, in requests and in answers
  int max_query_parameters = 4096;
};

// All that a request message is made of. Views: they need only live through the call.
struct RequestInput {
  std::span<const std::string> captures;  // decoded path variables, parallel to Route::variables
  std::string_view query;                 // raw, without '?'
  std::string_view content_type;          // the header's value; empty when there is none
  std::string_view body;                  // whole; empty when there is none
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

  // The serialized request message. Path variables win over the body, the body over the query
  // (design section 4, rules 1, 6, 9 and 10). Errors are INVALID_ARGUMENT and name the parameter or
  // the place in the body ("invoice.lines[2].quantity"), never a value; 415 for a media type that
  // is not the route's. Takes time linear in the input.
  virtual Result<std::string> EncodeRequest(const RequestInput& input) const = 0;

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

// Codec DYNAMIC: led by descriptors and reflection, with nothing prepared per type. Its JSON reader
// and printer are its own; protobuf's json_util is only what the tests compare them with. A
// max_json_depth above 1000 counts as 1000. `set` is kept alive by the codec.
std::unique_ptr<const Codec> MakeDynamicCodec(std::shared_ptr<const DescriptorSet> set,
                                              const CodecOptions& options);

}  // namespace puente
