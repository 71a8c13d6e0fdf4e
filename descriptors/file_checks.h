// What is looked at in a single compiled file, or in the bytes that should be one, before protobuf
// builds descriptors of it.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <string_view>

namespace puente {

// Why `bytes`, which do not parse, are no FileDescriptorSet: a .proto source, JSON, other text, a
// set with a broken google.api.http option (names the method), or a truncated or foreign binary.
// Ends with the command that makes one where that helps.
std::string WhyNoDescriptorSet(std::string_view bytes);

// Why protobuf must not be asked to build `proto`: what it would recurse on without a limit, or
// what a compiler would never write. Empty when there is no reason.
std::string WhyNotBuildable(const google::protobuf::FileDescriptorProto& proto);

// `proto` without what says nothing about the API: source positions and comments, options of the
// file itself (go_package and the like), JSON names that follow from the rule, and extensions of
// the descriptor format itself (buf marks files with one). Options of all else stay.
google::protobuf::FileDescriptorProto Canonical(google::protobuf::FileDescriptorProto proto);

// Whether both describe the same file: their canonical forms are equal.
bool SameFile(const google::protobuf::FileDescriptorProto& a,
              const google::protobuf::FileDescriptorProto& b);

}  // namespace puente
