// The demo's configuration: a file, so that one can edit it while the demo runs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace puente::examples {

// Where the demo's parts are, or shall be.
struct DemoAddresses {
  std::string listen;       // of the proxy: "127.0.0.1:8080"
  std::string admin;        // of its admin listener
  std::string grpc_target;  // of all example services
  std::string legacy_url;   // of the REST service that billing had before
  std::string descriptors;  // the file with the example APIs
};

// What a team would write that moves billing from REST to gRPC: all calls still go to the legacy
// service, copies of them to the new one, whose answers are compared. Beside it stand limits that
// audio needs, and paths for the users, who have no annotations.
std::string DemoConfig(const DemoAddresses& addresses);

// A file in a folder of its own, which goes with this object.
class DemoFile {
 public:
  // Throws std::filesystem::filesystem_error when it can't be written.
  explicit DemoFile(std::string_view text);
  ~DemoFile();
  DemoFile(const DemoFile&) = delete;
  DemoFile& operator=(const DemoFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace puente::examples
