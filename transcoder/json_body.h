// The JSON of a request's body to wire bytes: where the codecs differ.
#pragma once

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string_view>

#include "transcoder/bound_fields.h"
#include "transcoder/codec.h"
#include "transcoder/field_names.h"
#include "transcoder/update_mask.h"
#include "transcoder/wire_writer.h"

namespace puente {

// Reads the JSON bodies of one route. Immutable; may be used from any thread.
class JsonBody {
 public:
  virtual ~JsonBody() = default;

  // Appends to `out`, which is empty, what `json` sets in the request, without the fields that path
  // variables bind. Unknown fields that are let pass are counted in `dropped`; the keys that are
  // read are entered in `mask`, unless it is nullptr. Errors are those of JsonReader.
  virtual Result<void> Read(std::string_view json, WireWriter& out, DroppedInput& dropped,
                            MaskCollector* mask) const = 0;
};

// Led by descriptors, with JsonReader.
class DescribedJsonBody final : public JsonBody {
 public:
  // All of these must outlive it; `names` is of the set that `pool` is of.
  DescribedJsonBody(const Route& route, const google::protobuf::DescriptorPool& pool,
                    const FieldNames& names, const CodecOptions& options)
      : route_(route), pool_(pool), names_(names), options_(options), bound_(route.variables) {}

  Result<void> Read(std::string_view json, WireWriter& out, DroppedInput& dropped,
                    MaskCollector* mask) const override;

 private:
  const Route& route_;
  const google::protobuf::DescriptorPool& pool_;
  const FieldNames& names_;
  const CodecOptions& options_;
  const BoundFields bound_;
};

}  // namespace puente
