// The API that is served, as it was compiled: FileDescriptorSets, merged and checked.
#pragma once

#include <google/protobuf/descriptor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "descriptors/problems.h"

namespace google::protobuf {
class FileDescriptorProto;
}

namespace puente {

// An immutable, self-contained pool of descriptors. All members may be used from any thread.
// Descriptors handed out live as long as the set does; whoever keeps one keeps a `shared_ptr<const
// DescriptorSet>` beside it.
class DescriptorSet {
 public:
  const google::protobuf::DescriptorPool& pool() const { return pool_; }

  // The services of the files that were added, in the order of the files; without those of the
  // built-in files.
  std::span<const google::protobuf::ServiceDescriptor* const> services() const { return services_; }

  // The files that were added, in their order; without built-in ones that no set holds.
  std::span<const google::protobuf::FileDescriptor* const> files() const { return files_; }

 private:
  friend class DescriptorSetBuilder;
  google::protobuf::DescriptorPool pool_;
  std::vector<const google::protobuf::ServiceDescriptor*> services_;
  std::vector<const google::protobuf::FileDescriptor*> files_;
};

// Collects serialized google.protobuf.FileDescriptorSets, as `protoc --include_imports
// --descriptor_set_out` writes them, and builds one DescriptorSet of them. Not thread-safe; used
// once.
//
// The files may come in any order and in several sets. The same file (by name) in two sets counts
// once when both say the same (source positions, options of the file itself and spelled-out default
// JSON names aside), and is a problem that names both sets when they differ. The well-known files
// google/protobuf/*.proto, google/api/{annotations,http,httpbody}.proto and
// google/rpc/{status,error_details}.proto are built in and used where no set holds them; a set's
// own copy goes first, and the larger one where sets of different compilers hold different
// versions, since these files only ever grow.
class DescriptorSetBuilder {
 public:
  DescriptorSetBuilder();
  ~DescriptorSetBuilder();
  DescriptorSetBuilder(const DescriptorSetBuilder&) = delete;
  DescriptorSetBuilder& operator=(const DescriptorSetBuilder&) = delete;

  // Adds the set in `file`. Problems: it can't be read, is empty, or is not a FileDescriptorSet
  // (truncated, a .proto source, …). They all begin with the file's name.
  Problems AddFile(const std::filesystem::path& file);

  // The same for bytes that are already in memory; `origin` stands for the file's name in messages.
  Problems AddBytes(std::string_view origin, std::string_view bytes);

  // Builds the set. Problems: an import that no set holds (names the set, the importing file, the
  // missing file, and how to include it), files that import each other in a circle, files that
  // differ between sets, imports nested deeper than any real API's, options that were never
  // interpreted, and whatever protobuf's own validation finds.
  Loaded<std::shared_ptr<const DescriptorSet>> Build() &&;

 private:
  struct Source;  // one file and the set it came from
  class Linker;   // one run of Build

  void AddProto(std::string_view origin, google::protobuf::FileDescriptorProto& proto);
  void Merge(Source& known, std::string_view origin, google::protobuf::FileDescriptorProto& proto);

  std::map<std::string, std::unique_ptr<Source>, std::less<>> files_;
  std::vector<const Source*> order_;  // in the order they were added
  Problems conflicts_;
};

}  // namespace puente
