#include "transcoder/json_body.h"

#include "transcoder/json_reader.h"

namespace puente {

Result<void> DescribedJsonBody::Read(std::string_view json, WireWriter& out, DroppedInput& dropped,
                                     MaskCollector* mask) const {
  JsonReader reader(json, pool_, names_, {options_.unknown_fields, options_.max_json_depth}, out,
                    dropped, mask);
  return route_.body == Route::Body::kField
             ? reader.ReadAsField(*route_.body_field, &bound_)
             : reader.ReadAsMessage(*route_.method->input_type(), &bound_);
}

}  // namespace puente
