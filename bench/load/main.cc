// A load generator that measures from when a request was due, so that a proxy that stalls is not
// asked less often because of it (coordinated omission). One thread. Prints one JSON object;
// latencies are in microseconds.
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <sched.h>
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "bench/load/load_run.h"
#include "bench/sample_invoice.h"

namespace puente::bench {
namespace {

struct Options {
  std::uint16_t port = 0;
  std::string path = "/v1/invoices/inv-1001";
  std::size_t invoice_bytes = 0;
  int connections = 1;
  double seconds = 1;
  double rate = 0;
};

std::string RequestText(const Options& options) {
  if (options.invoice_bytes == 0) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", options.path, options.port);
  }
  std::string body;
  (void)google::protobuf::util::MessageToJsonString(SampleInvoice(options.invoice_bytes), &body);
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: "
      "{}\r\n\r\n{}",
      options.path, options.port, body.size(), body);
}

// Of sorted values; the nearest rank.
double Percentile(const std::vector<std::chrono::nanoseconds>& sorted, double percent) {
  if (sorted.empty()) return 0;
  const auto rank =
      static_cast<std::size_t>(percent / 100 * static_cast<double>(sorted.size() - 1) + 0.5);
  return std::chrono::duration<double, std::micro>(sorted[rank]).count();
}

void Print(LoadResult result) {
  std::ranges::sort(result.latencies);
  std::ranges::sort(result.lateness);
  fmt::print(
      R"({{"requests":{},"unanswered":{},"seconds":{:.3f},"p50":{:.1f},"p90":{:.1f},"p99":{:.1f},"p999":{:.1f},"max":{:.1f},"late_p50":{:.1f},"late_p99":{:.1f}}})"
      "\n",
      result.latencies.size(), result.unanswered,
      std::chrono::duration<double>(result.elapsed).count(), Percentile(result.latencies, 50),
      Percentile(result.latencies, 90), Percentile(result.latencies, 99),
      Percentile(result.latencies, 99.9), Percentile(result.latencies, 100),
      Percentile(result.lateness, 50), Percentile(result.lateness, 99));
}

// Wakes when it is due: timers of Linux are up to 50 µs late unless asked not to be, and the
// upstream, which shares the CPU, would be let finish its turn first. Without the right to a
// real-time priority, --rate is a little late.
void BePunctual() {
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  const sched_param priority{.sched_priority = 1};
  (void)::sched_setscheduler(0, SCHED_FIFO, &priority);
}

void Measure(const Options& options) {
  BePunctual();
  LoadRun run({.port = options.port,
               .request = RequestText(options),
               .connections = options.connections,
               .duration = std::chrono::duration_cast<std::chrono::nanoseconds>(
                   std::chrono::duration<double>(options.seconds)),
               .rate = options.rate});
  Print(run.Run());
}

}  // namespace
}  // namespace puente::bench

int main(int argc, char** argv) {
  puente::bench::Options options;
  CLI::App app(
      "Sends requests to a proxy on a timetable, and measures how long each takes from when it was "
      "due.");
  app.add_option("--port", options.port, "Port of the proxy on 127.0.0.1")->required();
  app.add_option("--path", options.path, "Path of the request")->capture_default_str();
  app.add_option("--invoice-bytes", options.invoice_bytes,
                 "POST an invoice of about so many bytes; 0: GET");
  app.add_option("--connections", options.connections, "Connections")
      ->capture_default_str()
      ->check(CLI::Range(1, 20000));
  app.add_option("--seconds", options.seconds, "How long")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 3600.0));
  app.add_option("--rate", options.rate,
                 "Requests per second; 0: each connection its next when the last is answered")
      ->check(CLI::Range(0.0, 1e6));
  CLI11_PARSE(app, argc, argv);
  try {
    puente::bench::Measure(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return 1;
  }
  return 0;
}
