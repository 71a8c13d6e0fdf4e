#include "tests/integration/dashboard.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace puente::test {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

// An empty value when there is none.
Value Member(const Struct& object, const std::string& key) {
  const auto found = object.fields().find(key);
  return found == object.fields().end() ? Value() : found->second;
}

DashboardPanel PanelOf(const Struct& panel) {
  const Struct config = Member(panel, "fieldConfig").struct_value();
  const Struct defaults = Member(config, "defaults").struct_value();
  DashboardPanel read{Member(panel, "title").string_value(),
                      Member(panel, "description").string_value(),
                      Member(defaults, "unit").string_value(),
                      {}};
  const Value targets = Member(panel, "targets");
  for (const Value& target : targets.list_value().values()) {
    read.expressions.push_back(Member(target.struct_value(), "expr").string_value());
  }
  return read;
}

}  // namespace

std::vector<DashboardPanel> ReadDashboard(const std::string& path) {
  std::ifstream in(path);
  const std::string json((std::istreambuf_iterator<char>(in)), {});
  Struct dashboard;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &dashboard);
  if (!status.ok()) throw std::runtime_error(path + ": " + status.ToString());
  const Value panels = Member(dashboard, "panels");
  std::vector<DashboardPanel> read;
  for (const Value& panel : panels.list_value().values()) {
    if (Member(panel.struct_value(), "type").string_value() == "row") continue;
    read.push_back(PanelOf(panel.struct_value()));
  }
  return read;
}

std::string WithoutVariables(std::string expression, const std::string& window) {
  const std::pair<std::string, std::string> variables[] = {
      {"$__rate_interval", window}, {"$job", ".*"}, {"$instance", ".*"}, {"$route", ".*"}};
  for (const auto& [name, value] : variables) {
    for (auto at = expression.find(name); at != std::string::npos;
         at = expression.find(name, at + value.size())) {
      expression.replace(at, name.size(), value);
    }
  }
  if (expression.find('$') != std::string::npos) {
    throw std::runtime_error("a variable that is not known: " + expression);
  }
  return expression;
}

}  // namespace puente::test
