#include "proxy/granted_cpus.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>

namespace puente {
namespace {

std::optional<double> Ratio(const std::string& quota, const std::string& period) {
  double q = 0;
  double p = 0;
  const auto parse = [](const std::string& text, double& value) {
    return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
  };
  if (!parse(quota, q) || !parse(period, p) || q <= 0 || p <= 0) return std::nullopt;
  return q / p;
}

std::string FirstWord(const std::filesystem::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

int AffinityCpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) {
    return static_cast<int>(std::thread::hardware_concurrency());
  }
  return CPU_COUNT(&set);
}

}  // namespace

std::optional<double> CgroupCpuQuota(const std::filesystem::path& root) {
  std::string quota;
  std::string period;
  if (std::ifstream v2(root / "cpu.max"); v2 >> quota >> period) return Ratio(quota, period);
  return Ratio(FirstWord(root / "cpu/cpu.cfs_quota_us"), FirstWord(root / "cpu/cpu.cfs_period_us"));
}

int GrantedCpus() {
  int cpus = AffinityCpus();
  if (const auto quota = CgroupCpuQuota("/sys/fs/cgroup")) {
    cpus = static_cast<int>(std::min<double>(cpus, std::ceil(*quota)));
  }
  return std::max(cpus, 1);
}

}  // namespace puente
