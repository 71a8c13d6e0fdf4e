#include "proxy/granted_cpus.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <optional>
#include <string_view>

#include "tests/support/temp_dir.h"

namespace puente {
namespace {

TEST(CgroupCpuQuota, ReadsVersion2) {
  struct Case {
    std::string_view cpu_max;
    std::optional<double> cpus;
  };
  constexpr Case kCases[] = {
      {"200000 100000\n", 2.0},
      {"50000 100000\n", 0.5},
      {"150000 100000", 1.5},
      {"max 100000\n", std::nullopt},
      {"", std::nullopt},
      {"100000\n", std::nullopt},
      {"0 100000\n", std::nullopt},
      {"-1 100000\n", std::nullopt},
      {"100000 0\n", std::nullopt},
      {"nonsense 100000\n", std::nullopt},
      {"100000 nonsense\n", std::nullopt},
  };
  for (const Case& c : kCases) {
    const test::TempDir root;
    root.Write("cpu.max", c.cpu_max);
    EXPECT_EQ(CgroupCpuQuota(root.path()), c.cpus) << c.cpu_max;
  }
}

TEST(CgroupCpuQuota, ReadsVersion1) {
  struct Case {
    std::string_view quota;
    std::string_view period;
    std::optional<double> cpus;
  };
  constexpr Case kCases[] = {
      {"200000\n", "100000\n", 2.0},      {"25000\n", "50000\n", 0.5},
      {"-1\n", "100000\n", std::nullopt}, {"", "100000\n", std::nullopt},
      {"100000\n", "", std::nullopt},     {"100000\n", "0\n", std::nullopt},
  };
  for (const Case& c : kCases) {
    const test::TempDir root;
    std::filesystem::create_directory(root.path() / "cpu");
    root.Write("cpu/cpu.cfs_quota_us", c.quota);
    root.Write("cpu/cpu.cfs_period_us", c.period);
    EXPECT_EQ(CgroupCpuQuota(root.path()), c.cpus) << c.quota << c.period;
  }
}

TEST(CgroupCpuQuota, TakesVersion2WhereThereAreBoth) {
  const test::TempDir root;
  std::filesystem::create_directory(root.path() / "cpu");
  root.Write("cpu/cpu.cfs_quota_us", "100000");
  root.Write("cpu/cpu.cfs_period_us", "100000");
  root.Write("cpu.max", "300000 100000\n");
  EXPECT_EQ(CgroupCpuQuota(root.path()), 3.0);
}

TEST(CgroupCpuQuota, FindsNoneWithoutCgroups) {
  const test::TempDir root;
  EXPECT_EQ(CgroupCpuQuota(root.path()), std::nullopt);
  EXPECT_EQ(CgroupCpuQuota(root.path() / "missing"), std::nullopt);
}

TEST(GrantedCpus, IsAtLeastOneAndWithinTheAffinityMask) {
  cpu_set_t all;
  ASSERT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
  EXPECT_GE(GrantedCpus(), 1);
  EXPECT_LE(GrantedCpus(), CPU_COUNT(&all));

  cpu_set_t one;
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(GrantedCpus(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof(all), &all), 0);
}

}  // namespace
}  // namespace puente
