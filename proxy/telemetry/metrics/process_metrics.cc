#include "proxy/telemetry/metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

namespace puente {
namespace {

using prometheus::MetricType;

struct ProcessStat {
  double cpu_ticks = 0;  // in user and kernel mode
  double threads = 0;
  double start_ticks = 0;  // since boot
  double virtual_bytes = 0;
  double resident_pages = 0;
};

// proc(5), /proc/pid/stat: the fields behind the name, which may hold anything.
std::optional<ProcessStat> ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  std::string state;
  fields >> state;
  double field = 0;
  ProcessStat stat;
  for (int number = 4; number <= 24 && fields >> field; ++number) {
    if (number == 14 || number == 15) stat.cpu_ticks += field;
    if (number == 20) stat.threads = field;
    if (number == 22) stat.start_ticks = field;
    if (number == 23) stat.virtual_bytes = field;
    if (number == 24) stat.resident_pages = field;
  }
  return fields ? std::optional(stat) : std::nullopt;
}

// When the system was started, in Unix time.
std::optional<double> ReadBootTime() {
  std::ifstream file("/proc/stat");
  std::string key;
  while (file >> key) {
    double value = 0;
    if (key == "btime" && file >> value) return value;
    file.ignore(1 << 20, '\n');
  }
  return std::nullopt;
}

std::optional<double> CountOpenFiles() {
  std::error_code ec;
  std::filesystem::directory_iterator entry("/proc/self/fd", ec);
  double count = 0;
  for (; !ec && entry != std::filesystem::directory_iterator(); entry.increment(ec)) ++count;
  if (ec) return std::nullopt;
  return count - 1;  // the one that this took
}

class Families {
 public:
  void Add(std::string name, std::string help, MetricType type, double value) {
    prometheus::ClientMetric metric;
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    families_.push_back({std::move(name), std::move(help), type, {std::move(metric)}});
  }
  void AddGauge(std::string name, std::string help, double value) {
    Add(std::move(name), std::move(help), MetricType::Gauge, value);
  }
  std::vector<prometheus::MetricFamily> Take() { return std::move(families_); }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace

std::vector<prometheus::MetricFamily> CollectProcessMetrics() {
  Families families;
  if (const auto stat = ReadStat()) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    families.Add("process_cpu_seconds_total", "User and system CPU time spent.",
                 MetricType::Counter, stat->cpu_ticks / ticks);
    families.AddGauge("process_resident_memory_bytes", "Memory that is resident.",
                      stat->resident_pages * page);
    families.AddGauge("process_virtual_memory_bytes", "Address space that is in use.",
                      stat->virtual_bytes);
    families.AddGauge("process_threads", "Threads that run.", stat->threads);
    static const std::optional<double> booted = ReadBootTime();
    if (booted) {
      families.AddGauge("process_start_time_seconds", "When the process was started, in Unix time.",
                        *booted + stat->start_ticks / ticks);
    }
  }
  if (const auto open = CountOpenFiles()) {
    families.AddGauge("process_open_fds", "File descriptors that are open.", *open);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    families.AddGauge("process_max_fds", "File descriptors that may be open.",
                      static_cast<double>(limit.rlim_cur));
  }
  return families.Take();
}

}  // namespace puente
