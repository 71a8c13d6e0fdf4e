// The body of a request, or one message of a streamed one, to wire bytes: JSON, a form, or the data
// of a google.api.HttpBody (design section 4, rules 1, 6, 9 and 10).
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "transcoder/codec.h"
#include "transcoder/json_body.h"
#include "transcoder/update_mask.h"

namespace puente {

// Reads the bodies of one route. Immutable; may be used from any thread.
class BodyReader {
 public:
  // All of these must outlive the reader; `request` is of the route's request type, and `json` for
  // the route.
  BodyReader(const Route& route, const JsonBody& json, const google::protobuf::Message& request,
             const CodecOptions& options);

  // What RouteCodec::Encode does: what `body` sets in the request, an update_mask that is made of
  // it included, and behind it what `target` sets.
  Result<std::string> Read(const BoundTarget& target, const BodyInput& body,
                           DroppedInput& dropped) const;

 private:
  using FieldDescriptor = google::protobuf::FieldDescriptor;

  Result<std::string> ReadBody(const BoundTarget& target, const BodyInput& body,
                               DroppedInput& dropped) const;
  Result<std::string> Drop(const BodyInput& body, DroppedInput& dropped) const;
  Result<std::string> ReadHttpBody(const BodyInput& body) const;
  Result<std::string> ReadEmpty(const BoundTarget& target) const;
  Result<std::string> ReadJson(const BoundTarget& target, std::string_view json,
                               DroppedInput& dropped) const;
  Result<std::string> ReadForm(const BoundTarget& target, std::string_view form,
                               DroppedInput& dropped) const;
  Result<void> CheckRivals(const BoundTarget& target, std::string_view json) const;
  // The field to fill; nullptr when there is none, or when the query sets it.
  const FieldDescriptor* MaskToFill(const BoundTarget& target) const;
  // Whether path or query set what `matches`, given the top-level field of the request, says.
  template <class Matches>
  bool IsSet(const BoundTarget& target, Matches matches) const;

  const Route& route_;
  const JsonBody& json_;
  const google::protobuf::Message& request_;
  const CodecOptions& options_;
  const FieldDescriptor* const update_mask_;
};

}  // namespace puente
