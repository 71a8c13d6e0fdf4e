// What a gRPC server says about itself by reflection, put together until nothing is missing.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "grpc/reflection/v1/reflection.pb.h"

namespace puente {

struct ReflectionLimits {
  std::size_t files = 10'000;  // and as many services
  std::size_t bytes = std::size_t{64} << 20;
};

// The descriptors of a server's services.
struct ReflectedSet {
  std::string bytes;  // a serialized google.protobuf.FileDescriptorSet; the same for the same files
  std::size_t files = 0;
  std::size_t services = 0;
  std::string missing;  // services that it lists and has no descriptors of: "a.A, b.B"; or ""
};

// The questions for one reflection call and what follows from the answers; no I/O. Asks for the
// list of services, then for the file of each, then for what these import and nobody sent yet.
// Services of gRPC itself (reflection, health, channelz, admin) are not asked for, and left out
// where they come along. A service that is NOT_FOUND is left out as long as there is another.
//
// The answers are not trusted. Errors are sentences for a person, naming the service or the file;
// after one the object is of no use. Not thread-safe.
class ReflectedFiles {
 public:
  explicit ReflectedFiles(ReflectionLimits limits = {}) : limits_(limits) {}

  // What to ask next: a serialized ServerReflectionRequest. nullopt when the files are complete.
  std::optional<std::string> NextRequest();

  // Takes the answer to what was asked last: a serialized ServerReflectionResponse.
  tl::expected<void, std::string> Take(std::string_view answer);

  // After NextRequest had nothing more to ask.
  tl::expected<ReflectedSet, std::string> Finish() &&;

 private:
  using Taken = tl::expected<void, std::string>;
  enum class Subject { kServices, kService, kFile };

  std::string Ask(Subject subject, std::string name);
  std::string Question() const;
  Taken TakeServices(const grpc::reflection::v1::ListServiceResponse& list);
  Taken TakeFiles(const grpc::reflection::v1::FileDescriptorResponse& files);
  Taken TakeFile(std::string_view bytes);
  Taken TakeRefusal(const grpc::reflection::v1::ErrorResponse& error);
  Taken CheckAnswered();
  Taken WantImports(const google::protobuf::FileDescriptorProto& file);

  const ReflectionLimits limits_;
  std::size_t bytes_ = 0;
  Subject subject_ = Subject::kServices;  // of what was asked last, and its name
  std::string name_;
  std::string importer_;
  bool listed_ = false;
  std::vector<std::string> services_;           // to be asked for, the next one last
  std::set<std::string, std::less<>> defined_;  // the services of files_
  std::vector<std::string> missing_;            // listed, and NOT_FOUND
  std::map<std::string, google::protobuf::FileDescriptorProto, std::less<>> files_;
  std::map<std::string, std::string, std::less<>> wanted_;  // imports, and who imports them
  std::set<std::string, std::less<>> built_in_;             // imports that only Puente itself has
};

}  // namespace puente
