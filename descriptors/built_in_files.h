// The well-known proto files, which sets import and often leave out.
#pragma once

#include <google/protobuf/descriptor.h>

#include <span>
#include <string_view>

namespace puente {

// google/protobuf/*.proto, google/api/{annotations,http,httpbody}.proto and
// google/rpc/{status,error_details}.proto, as they are linked into the program; what a file imports
// stands before it.
std::span<const google::protobuf::FileDescriptor* const> BuiltInFiles();

// nullptr when `name` is none of them.
const google::protobuf::FileDescriptor* FindBuiltInFile(std::string_view name);

}  // namespace puente
