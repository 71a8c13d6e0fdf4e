// The Grafana dashboard of helm/dashboards, as far as a test can judge it.
#pragma once

#include <string>
#include <vector>

namespace puente::test {

struct DashboardPanel {
  std::string title;
  std::string description;
  std::string unit;
  std::vector<std::string> expressions;  // as Grafana has them, with its variables
};

// All panels but the rows. Throws std::runtime_error when the file is no dashboard.
std::vector<DashboardPanel> ReadDashboard(const std::string& path);

// `expression` as Grafana sends it when All is chosen for every variable and `$__rate_interval` is
// `window`. Throws std::runtime_error when a variable is left that the dashboard does not have.
std::string WithoutVariables(std::string expression, const std::string& window);

}  // namespace puente::test
