#include "descriptors/built_in_files.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/api.pb.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/source_context.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/type.pb.h>
#include <google/protobuf/wrappers.pb.h>

#include <algorithm>
#include <array>

#include "google/api/annotations.pb.h"
#include "google/api/http.pb.h"
#include "google/api/httpbody.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace puente {

using google::protobuf::FileDescriptor;

std::span<const FileDescriptor* const> BuiltInFiles() {
  static const std::array kFiles = {
      google::protobuf::Any::descriptor()->file(),
      google::protobuf::SourceContext::descriptor()->file(),
      google::protobuf::Type::descriptor()->file(),
      google::protobuf::Api::descriptor()->file(),
      google::protobuf::FileDescriptorSet::descriptor()->file(),
      google::protobuf::Duration::descriptor()->file(),
      google::protobuf::Empty::descriptor()->file(),
      google::protobuf::FieldMask::descriptor()->file(),
      google::protobuf::Struct::descriptor()->file(),
      google::protobuf::Timestamp::descriptor()->file(),
      google::protobuf::StringValue::descriptor()->file(),
      google::api::HttpRule::descriptor()->file(),
      google::protobuf::DescriptorPool::generated_pool()
          ->FindExtensionByNumber(google::protobuf::MethodOptions::descriptor(),
                                  google::api::http.number())
          ->file(),
      google::api::HttpBody::descriptor()->file(),
      google::rpc::Status::descriptor()->file(),
      google::rpc::BadRequest::descriptor()->file(),
  };
  return kFiles;
}

const FileDescriptor* FindBuiltInFile(std::string_view name) {
  const auto files = BuiltInFiles();
  const auto found = std::ranges::find_if(
      files, [name](const FileDescriptor* file) { return file->name() == name; });
  return found == files.end() ? nullptr : *found;
}

}  // namespace puente
