#include "tests/rules/load_check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <optional>

#include "config/load_config.h"
#include "proxy/app.h"
#include "proxy/snapshot.h"
#include "tests/support/temp_dir.h"
#include "tests/testdata/compile_protos.h"

namespace puente::test {
namespace {

constexpr char kApi[] = R"(
syntax = "proto3";
package api.v1;
import "google/api/annotations.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message Inner {
  string id = 1;
  Inner inner = 2;
}
message Req {
  string id = 1;
  string name = 2;
  Inner inner = 3;
  repeated string tags = 4;
  map<string, string> labels = 5;
  repeated Inner inners = 6;
  google.protobuf.Timestamp at = 7;
  google.protobuf.Struct document = 8;
  google.protobuf.Int64Value box = 9;
  oneof choice {
    string left = 10;
    string right = 11;
  }
}
message Res {
  string id = 1;
  Inner inner = 2;
  repeated Inner inners = 3;
}
)";

std::string ConfigText(const std::string& descriptors, const std::string& codec,
                       const std::string& transcoding) {
  return fmt::format(
      "listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
      "admin: {{address: \"127.0.0.1:0\"}}\n"
      "descriptors: {{files: [\"{}\"]}}\n"
      "upstreams: [{{name: api, grpc: {{target: \"127.0.0.1:1\"}}}}]\n"
      "transcoding: {{codec: {}{}{}}}\n",
      descriptors, codec, transcoding.empty() ? "" : ", ", transcoding);
}

std::vector<std::string> ProblemsOf(const std::string& config) {
  LoadResult result =
      ParseConfig(config, "puente.yaml", [](std::string_view) { return std::nullopt; });
  App::Check(result.loaded, result.problems);
  std::vector<std::string> texts;
  for (const Problem& problem : result.problems) texts.push_back(ToString(problem));
  return texts;
}

bool HoldsAll(const std::string& text, const std::vector<std::string>& parts) {
  return std::ranges::all_of(
      parts, [&](const std::string& part) { return text.find(part) != std::string::npos; });
}

}  // namespace

void PrintTo(const LoadCase& rule, std::ostream* out) { *out << rule.methods; }

std::string Rpc(const std::string& name, const std::string& rule) {
  return fmt::format("rpc {}(Req) returns (Res) {{ option (google.api.http) = {{ {} }}; }}\n", name,
                     rule);
}

void CheckLoad(const std::string& codec, const LoadCase& rule) {
  const auto set = testing::CompileProtos(
      {{"api.proto", kApi + fmt::format("service Api {{ {} }}", rule.methods)}});
  const TempDir dir;
  const std::string file = dir.Write("api.pb", set.SerializeAsString());
  const auto problems = ProblemsOf(ConfigText(file, codec, rule.transcoding));
  EXPECT_EQ(problems.size(), rule.problems.size()) << ::testing::PrintToString(problems);
  for (const auto& parts : rule.problems) {
    const bool found = std::ranges::any_of(
        problems, [&](const std::string& text) { return HoldsAll(text, parts); });
    EXPECT_TRUE(found) << "nothing says all of " << ::testing::PrintToString(parts) << " in "
                       << ::testing::PrintToString(problems);
  }
}

}  // namespace puente::test
