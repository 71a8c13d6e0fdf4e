// A real Prometheus that scrapes a proxy under test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace puente::test {

inline constexpr char kPrometheus[] = "/usr/bin/prometheus";
inline constexpr char kPromtool[] = "/usr/bin/promtool";

// Whether Debian's package is there.
bool HasPrometheus();

class PrometheusServer {
 public:
  // Scrapes /metrics at 127.0.0.1:`admin_port` four times a second, as job "puente", and keeps what
  // it finds in a temporary folder. Throws std::runtime_error when it does not start.
  explicit PrometheusServer(std::uint16_t admin_port);

  // The values of the instant vector, or of the scalar, that `expression` is now; "NaN" for what is
  // no number. Throws std::runtime_error with what Prometheus says when it refuses the expression.
  std::vector<std::string> Query(const std::string& expression) const;
  // The trace ids of the exemplars of the series that `expression` names.
  std::vector<std::string> ExemplarTraceIds(const std::string& expression) const;
  // What it has logged.
  std::string Log() const { return process_.Errors(); }

 private:
  std::string Ask(const std::string& path, const std::string& expression) const;

  TempDir dir_;
  ChildProcess process_;
  std::uint16_t port_;
};

}  // namespace puente::test
