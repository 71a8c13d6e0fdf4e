#include "examples/services/legacy_routes.h"

#include <optional>
#include <span>

namespace puente::examples {
namespace {

constexpr std::string_view kVariable = "*";

struct Row {
  std::string_view method;
  std::vector<std::string_view> segments;
  LegacyRoute route;
};

const std::vector<Row>& Table() {
  static const std::vector<Row> kTable = {
      {"GET", {"v1", "invoices", kVariable}, LegacyRoute::kGetInvoice},
      {"POST", {"v1", "customers", kVariable, "invoices"}, LegacyRoute::kCreateInvoice},
      {"GET", {"v1", "invoices"}, LegacyRoute::kListInvoices},
      {"GET", {"v1", "invoices:watch"}, LegacyRoute::kWatchInvoices},
      {"GET", {"legacy", "reports", kVariable}, LegacyRoute::kReport},
      {"GET", {"healthz"}, LegacyRoute::kHealth},
      {"GET", {"demo", "faults"}, LegacyRoute::kShowFaults},
      {"POST", {"demo", "faults"}, LegacyRoute::kSetFaults},
  };
  return kTable;
}

// The variable of a path that is `pattern`; nullopt when it is not.
std::optional<std::string> MatchSegments(std::span<const std::string_view> pattern,
                                         const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  std::string variable;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool is_variable = pattern[i] == kVariable;
    if (is_variable ? segments[i].empty() : segments[i] != pattern[i]) return std::nullopt;
    if (is_variable) variable = segments[i];
  }
  return variable;
}

void Append(std::string_view method, std::string& allow) {
  if (!allow.empty()) allow += ", ";
  allow += method;
  if (method == "GET") allow += ", HEAD";
}

}  // namespace

std::variant<LegacyMatch, LegacyWrongMethod, LegacyNoRoute> FindLegacyRoute(
    std::string_view method, const std::vector<std::string>& segments) {
  if (method == "HEAD") method = "GET";
  std::string allow;
  for (const Row& row : Table()) {
    auto variable = MatchSegments(row.segments, segments);
    if (!variable) continue;
    if (row.method == method) return LegacyMatch{row.route, *std::move(variable)};
    Append(row.method, allow);
  }
  if (allow.empty()) return LegacyNoRoute{};
  return LegacyWrongMethod{std::move(allow)};
}

}  // namespace puente::examples
