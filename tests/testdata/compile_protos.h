// Compiles .proto sources that stand in a test, as protoc --include_imports would.
#pragma once

#include <gmock/gmock.h>
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "descriptors/built_in_files.h"
#include "descriptors/descriptor_set.h"

namespace puente::testing {

using ProtoSources = std::map<std::string, std::string>;  // text by file name

class SourcesInMemory : public google::protobuf::compiler::SourceTree {
 public:
  explicit SourcesInMemory(const ProtoSources& sources) : sources_(sources) {}

  google::protobuf::io::ZeroCopyInputStream* Open(const std::string& name) override {
    const auto found = sources_.find(name);
    if (found == sources_.end()) return nullptr;
    return new google::protobuf::io::ArrayInputStream(found->second.data(),
                                                      static_cast<int>(found->second.size()));
  }

 private:
  const ProtoSources& sources_;
};

class FailTheTest : public google::protobuf::compiler::MultiFileErrorCollector {
 public:
  void AddError(const std::string& file, int line, int column,
                const std::string& message) override {
    ADD_FAILURE() << file << ":" << line + 1 << ":" << column + 1 << ": " << message;
  }
};

inline void CopyWithImports(const google::protobuf::FileDescriptor& file,
                            std::set<std::string>& seen, google::protobuf::FileDescriptorSet& set) {
  if (!seen.insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) CopyWithImports(*file.dependency(i), seen, set);
  google::protobuf::FileDescriptorProto* copy = set.add_file();
  file.CopyTo(copy);
  file.CopyJsonNameTo(copy);
}

// The sources may import each other and the built-in files; what they import stands before them.
inline google::protobuf::FileDescriptorSet CompileProtos(const ProtoSources& sources) {
  BuiltInFiles();
  SourcesInMemory tree(sources);
  FailTheTest errors;
  google::protobuf::compiler::SourceTreeDescriptorDatabase files(&tree);
  files.RecordErrorsTo(&errors);
  google::protobuf::DescriptorPoolDatabase built_in(
      *google::protobuf::DescriptorPool::generated_pool());
  google::protobuf::MergedDescriptorDatabase all(&built_in, &files);
  google::protobuf::DescriptorPool pool(&all, files.GetValidationErrorCollector());
  google::protobuf::FileDescriptorSet set;
  std::set<std::string> seen;
  for (const auto& [name, text] : sources) {
    const google::protobuf::FileDescriptor* file = pool.FindFileByName(name);
    if (file == nullptr) {
      ADD_FAILURE() << name << " does not compile";
      continue;
    }
    CopyWithImports(*file, seen, set);
  }
  return set;
}

// A set without the files that `leave_out` names.
inline google::protobuf::FileDescriptorSet Without(const google::protobuf::FileDescriptorSet& set,
                                                   const std::set<std::string>& leave_out) {
  google::protobuf::FileDescriptorSet rest;
  for (const auto& file : set.file()) {
    if (!leave_out.contains(file.name())) *rest.add_file() = file;
  }
  return rest;
}

// The descriptors of one source file, "api.proto".
inline std::shared_ptr<const DescriptorSet> LoadProto(std::string text) {
  DescriptorSetBuilder builder;
  const auto set = CompileProtos({{"api.proto", std::move(text)}});
  EXPECT_THAT(builder.AddBytes("api.pb", set.SerializeAsString()), ::testing::IsEmpty());
  auto built = std::move(builder).Build();
  EXPECT_TRUE(built) << ::testing::PrintToString(built ? Problems{} : built.error());
  return built ? *built : nullptr;
}

}  // namespace puente::testing
