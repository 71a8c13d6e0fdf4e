// Matching a path among many routes: the time must not grow with their number.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "billing/v1/billing.pb.h"
#include "transcoder/route_table.h"

namespace puente {
namespace {

// `count` routes of the shapes that real APIs have, all for the same method.
RouteTable TableOf(int count) {
  const auto* method = billing::v1::GetInvoiceRequest::descriptor()->file()->service(0)->method(0);
  std::vector<Route> routes;
  for (int i = 0; i < count; ++i) {
    HttpBinding binding;
    binding.method = method;
    binding.http_method = "GET";
    binding.path_template = fmt::format("/v1/resource{}/{{id}}", i);
    routes.push_back(*CompileRoute(binding));
  }
  return *RouteTable::Build(std::move(routes));
}

void BM_Match(benchmark::State& state, const char* path_format) {
  const int count = static_cast<int>(state.range(0));
  const RouteTable table = TableOf(count);
  const std::string path = fmt::format(fmt::runtime(path_format), count / 2);
  for (auto _ : state) benchmark::DoNotOptimize(table.Match("GET", path));
}

BENCHMARK_CAPTURE(BM_Match, literal_and_capture, "/v1/resource{}/inv-1001")
    ->RangeMultiplier(10)
    ->Range(1, 10000);
BENCHMARK_CAPTURE(BM_Match, escaped_capture, "/v1/resource{}/inv%2D1001")->Arg(10000);
BENCHMARK_CAPTURE(BM_Match, miss, "/v1/nothing{}/inv-1001")->Arg(10000);

}  // namespace
}  // namespace puente
