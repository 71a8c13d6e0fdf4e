// How many CPUs the process may really use.
#pragma once

#include <filesystem>
#include <optional>

namespace puente {

// The smallest of the machine's CPUs, those of the affinity mask, and the cgroup's CPU quota (v2
// cpu.max, v1 cpu.cfs_quota_us), rounded up; at least 1.
int GrantedCpus();

// The quota of the cgroup that is mounted at `root`, in CPUs; nullopt for none.
std::optional<double> CgroupCpuQuota(const std::filesystem::path& root);

}  // namespace puente
