// Lines of templates, then a request path: what matches has as many captures as variables.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "transcoder/route_table.h"
#include "transcoder/uri.h"

namespace {

const google::protobuf::MethodDescriptor* AnyMethod() {
  static google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
  google::protobuf::FileDescriptorProto file;
  file.set_name("fuzz.proto");
  file.add_dependency(google::protobuf::FileOptions::descriptor()->file()->name());
  file.add_service()->set_name("S");
  auto* method = file.mutable_service(0)->add_method();
  method->set_name("M");
  method->set_input_type(".google.protobuf.FileOptions");
  method->set_output_type(".google.protobuf.FileOptions");
  return pool.BuildFile(file)->service(0)->method(0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto* const kMethod = AnyMethod();
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<puente::Route> routes;
  for (auto line = rest.find('\n'); line != rest.npos; line = rest.find('\n')) {
    auto path = puente::PathTemplate::Parse(rest.substr(0, line));
    rest.remove_prefix(line + 1);
    if (!path) continue;
    routes.emplace_back().method = kMethod;
    routes.back().http_method = routes.size() % 2 == 0 ? "GET" : "*";
    routes.back().path = std::move(*path);
    if (!puente::FindDuplicates(routes).empty()) routes.pop_back();
  }
  const auto table = puente::RouteTable::Build(std::move(routes));
  const auto target = puente::SplitTarget(rest);
  if (!table) std::abort();
  if (!target) return 0;
  const auto lookup = table->Match("GET", target->path);
  const auto* match = std::get_if<puente::RouteMatch>(&lookup);
  if (match && match->captures.size() != match->route->path.variables.size()) std::abort();
  return 0;
}
