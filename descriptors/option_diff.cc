#include "descriptors/option_diff.h"

#include "google/api/annotations.pb.h"

namespace puente::option_diff {

std::string Others(google::protobuf::MethodOptions options) {
  options.ClearExtension(google::api::http);
  return Others<google::protobuf::MethodOptions>(std::move(options));
}

}  // namespace puente::option_diff
