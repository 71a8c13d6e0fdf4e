// Mapping headers to gRPC metadata and back: the time must grow with their number, and no faster.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <vector>

#include "transcoder/metadata.h"

namespace puente {
namespace {

// What a browser behind a proxy sends, and `count` headers more.
struct Request {
  explicit Request(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      names.push_back(fmt::format("X-Custom-Header-{}", i));
      values.push_back(fmt::format("value of the header number {}", i));
    }
    for (std::size_t i = 0; i < count; ++i) headers.push_back({names[i], values[i]});
  }

  std::vector<std::string> names, values;
  std::vector<HeaderView> headers = {
      {"Host", "api.example.com"},
      {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
      {"Accept", "application/json"},
      {"Accept-Encoding", "gzip, deflate, br"},
      {"Connection", "keep-alive"},
      {"Content-Type", "application/json"},
      {"Content-Length", "400"},
      {"Authorization", "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJjLTQyIn0.c2ln"},
  };
};

const std::vector<Header> kTrace = {
    {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};

void BM_ToMetadata(benchmark::State& state) {
  const Request request(static_cast<std::size_t>(state.range(0)));
  const RequestOrigin origin{.peer_address = "10.1.2.3",
                             .scheme = "http",
                             .host = "api.example.com",
                             .request_id = "6f1b9a52-3c0e-4d1e-9a63-0f0d7a4b8f11",
                             .trace = kTrace};
  for (auto _ : state) {
    benchmark::DoNotOptimize(MetadataFromHeaders(request.headers, origin));
    benchmark::DoNotOptimize(ParseGrpcTimeout(request.headers));
  }
}
BENCHMARK(BM_ToMetadata)->Arg(0)->Arg(10)->Arg(100);

void BM_ToHeaders(benchmark::State& state) {
  const Request request(static_cast<std::size_t>(state.range(0)));
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < request.names.size(); ++i) {
    keys.push_back(fmt::format("x-custom-header-{}", i));
  }
  std::vector<MetadataView> metadata = {{"content-type", "application/grpc"}, {"grpc-status", "0"}};
  for (std::size_t i = 0; i < keys.size(); ++i) metadata.push_back({keys[i], request.values[i]});
  for (auto _ : state) {
    std::vector<Header> headers;
    AppendHeadersFromMetadata(metadata, headers);
    benchmark::DoNotOptimize(headers);
  }
}
BENCHMARK(BM_ToHeaders)->Arg(0)->Arg(10)->Arg(100);

}  // namespace
}  // namespace puente
