// Any bytes as a descriptor set: it is refused, or its routes compile or are refused.
#include <cstdint>
#include <string_view>
#include <utility>

#include "descriptors/descriptor_set.h"
#include "transcoder/route.h"
#include "transcoder/route_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  puente::DescriptorSetBuilder builder;
  builder.AddBytes("fuzz.pb", {reinterpret_cast<const char*>(data), size});
  const auto set = std::move(builder).Build();
  if (!set) return 0;
  auto routes = puente::CompileRoutes(**set, {});
  if (routes) (void)puente::RouteTable::Build(std::move(*routes));
  return 0;
}
