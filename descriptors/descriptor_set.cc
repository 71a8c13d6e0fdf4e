#include "descriptors/descriptor_set.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <utility>

#include "descriptors/built_in_files.h"
#include "descriptors/file_checks.h"
#include "descriptors/import_order.h"

namespace puente {

using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

struct DescriptorSetBuilder::Source {
  std::string origin;
  FileDescriptorProto proto;
};

namespace {

// protobuf recurses over chains of public imports.
constexpr std::size_t kDeepestImports = 1000;

class ErrorsOf : public google::protobuf::DescriptorPool::ErrorCollector {
 public:
  ErrorsOf(std::string_view origin, Problems& problems) : origin_(origin), problems_(problems) {}

  void AddError(const std::string& file, const std::string& element,
                const google::protobuf::Message*, ErrorLocation,
                const std::string& message) override {
    problems_.push_back(element == file || element.empty()
                            ? fmt::format("{}: {}: {}", origin_, file, message)
                            : fmt::format("{}: {}: {}: {}", origin_, file, element, message));
  }

 private:
  std::string_view origin_;
  Problems& problems_;
};

FileDescriptorProto ProtoOf(const FileDescriptor& file) {
  FileDescriptorProto proto;
  file.CopyTo(&proto);
  file.CopyJsonNameTo(&proto);
  return proto;
}

}  // namespace

// Builds the files that were added, and the built-in ones they need, into one pool.
class DescriptorSetBuilder::Linker {
 public:
  Linker(const std::vector<const Source*>& added, Problems problems)
      : files_(added), added_(added.size()), problems_(std::move(problems)) {}

  Loaded<std::shared_ptr<const DescriptorSet>> Run() && {
    for (std::size_t i = 0; i < files_.size(); ++i) numbers_.emplace(files_[i]->proto.name(), i);
    FindImports();
    const ImportOrder order = OrderByImports(imports_);
    std::ranges::for_each(order.cycles, [this](const auto& cycle) { ReportCycle(cycle); });
    for (std::size_t file : order.files) BuildFile(file, order.depth[file]);
    if (!problems_.empty()) return tl::unexpected(std::move(problems_));
    AddOtherBuiltIns();
    CollectFiles();
    return std::shared_ptr<const DescriptorSet>(std::move(set_));
  }

 private:
  void FindImports() {
    for (std::size_t file = 0; file < files_.size(); ++file) {
      imports_.emplace_back();
      sound_.push_back(true);
      for (const std::string& import : files_[file]->proto.dependency()) {
        if (const auto number = NumberOf(import)) {
          imports_[file].push_back(*number);
        } else {
          ReportMissing(file, import);
        }
      }
    }
  }

  // Takes a built-in file in when it is asked for the first time.
  std::optional<std::size_t> NumberOf(const std::string& name) {
    if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
    const FileDescriptor* built_in = FindBuiltInFile(name);
    if (built_in == nullptr) return std::nullopt;
    built_ins_.push_back(std::make_unique<Source>(Source{"built in", ProtoOf(*built_in)}));
    files_.push_back(built_ins_.back().get());
    numbers_.emplace(name, files_.size() - 1);
    return files_.size() - 1;
  }

  void ReportMissing(std::size_t file, const std::string& import) {
    sound_[file] = false;
    problems_.push_back(fmt::format(
        "{}: {} imports {}, which no descriptor set holds; build the set with its imports: "
        "`protoc --include_imports --descriptor_set_out=…` or `buf build`",
        files_[file]->origin, files_[file]->proto.name(), import));
  }

  void ReportCycle(const std::vector<std::size_t>& cycle) {
    constexpr std::size_t kNamed = 8;
    std::string circle;
    for (std::size_t i = 0; i < std::min(cycle.size(), kNamed); ++i) {
      circle += files_[cycle[i]]->proto.name() + " imports ";
    }
    if (cycle.size() > kNamed) circle += fmt::format("({} more) imports ", cycle.size() - kNamed);
    problems_.push_back(fmt::format("{}: files import each other in a circle: {}{}",
                                    files_[cycle[0]]->origin, circle,
                                    files_[cycle[0]]->proto.name()));
    for (std::size_t file : cycle) sound_[file] = false;
  }

  // A file whose imports failed is passed over: what is wrong with it only follows from them.
  void BuildFile(std::size_t file, std::size_t depth) {
    const Source& source = *files_[file];
    for (std::size_t import : imports_[file]) sound_[file] = sound_[file] && sound_[import];
    if (!sound_[file]) return;
    if (depth > kDeepestImports) {
      problems_.push_back(fmt::format("{}: {}: its imports nest deeper than {} files",
                                      source.origin, source.proto.name(), kDeepestImports));
      sound_[file] = false;
      return;
    }
    ErrorsOf errors(source.origin, problems_);
    sound_[file] = set_->pool_.BuildFileCollectingErrors(source.proto, &errors) != nullptr;
  }

  // Fails for those whose types a set defines in files of other names, and may.
  void AddOtherBuiltIns() {
    for (const FileDescriptor* file : BuiltInFiles()) {
      if (numbers_.contains(file->name())) continue;
      Problems ignored;
      ErrorsOf errors("built in", ignored);
      set_->pool_.BuildFileCollectingErrors(ProtoOf(*file), &errors);
    }
  }

  void CollectFiles() {
    for (std::size_t i = 0; i < added_; ++i) {
      const FileDescriptor* file = set_->pool_.FindFileByName(files_[i]->proto.name());
      set_->files_.push_back(file);
      for (int j = 0; j < file->service_count(); ++j) set_->services_.push_back(file->service(j));
    }
  }

  std::vector<const Source*> files_;  // those that were added first, then built-in ones
  std::size_t added_;
  std::vector<std::unique_ptr<Source>> built_ins_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
  ImportGraph imports_;
  std::vector<bool> sound_;
  Problems problems_;
  std::shared_ptr<DescriptorSet> set_ = std::make_shared<DescriptorSet>();
};

DescriptorSetBuilder::DescriptorSetBuilder() = default;
DescriptorSetBuilder::~DescriptorSetBuilder() = default;

Problems DescriptorSetBuilder::AddFile(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    return {fmt::format("{}: cannot be read: it is a directory", file.string())};
  }
  if (std::filesystem::is_character_file(file, ignored)) {
    return {fmt::format("{}: cannot be read: it is a device", file.string())};
  }
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream bytes;
  if (stream.is_open() && stream.peek() != std::ifstream::traits_type::eof()) {
    bytes << stream.rdbuf();
  }
  if (!stream.is_open() || stream.bad() || bytes.bad()) {
    return {fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno))};
  }
  return AddBytes(file.string(), std::move(bytes).str());
}

Problems DescriptorSetBuilder::AddBytes(std::string_view origin, std::string_view bytes) {
  if (bytes.empty()) return {fmt::format("{}: is empty", origin)};
  if (bytes.size() > std::numeric_limits<int>::max()) {
    return {fmt::format("{}: is larger than 2 GiB", origin)};
  }
  FileDescriptorSet set;
  const bool parsed = set.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()));
  if (!parsed || set.file().empty() || !set.IsInitialized()) {
    return {fmt::format("{}: {}", origin, WhyNoDescriptorSet(bytes))};
  }
  Problems problems;
  for (const FileDescriptorProto& proto : set.file()) {
    if (const std::string why = WhyNotBuildable(proto); !why.empty()) {
      problems.push_back(fmt::format("{}: {}: {}", origin, proto.name(), why));
    }
  }
  if (!problems.empty()) return problems;
  for (FileDescriptorProto& proto : *set.mutable_file()) AddProto(origin, proto);
  return {};
}

void DescriptorSetBuilder::AddProto(std::string_view origin, FileDescriptorProto& proto) {
  proto.clear_source_code_info();
  std::unique_ptr<Source>& source = files_[proto.name()];
  if (source != nullptr) return Merge(*source, origin, proto);
  source = std::make_unique<Source>(Source{std::string(origin), std::move(proto)});
  order_.push_back(source.get());
}

void DescriptorSetBuilder::Merge(Source& known, std::string_view origin,
                                 FileDescriptorProto& proto) {
  if (SameFile(known.proto, proto)) return;
  if (FindBuiltInFile(proto.name()) != nullptr) {
    if (proto.ByteSizeLong() > known.proto.ByteSizeLong()) {
      known = Source{std::string(origin), std::move(proto)};
    }
    return;
  }
  conflicts_.push_back(
      known.origin == origin
          ? fmt::format("{}: holds {} twice, with different content", origin, proto.name())
          : fmt::format("{} differs between {} and {}; build both from the same sources",
                        proto.name(), known.origin, origin));
}

Loaded<std::shared_ptr<const DescriptorSet>> DescriptorSetBuilder::Build() && {
  return Linker(order_, std::move(conflicts_)).Run();
}

}  // namespace puente
