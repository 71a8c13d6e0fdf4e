// What the legacy service serves, and where.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace puente::examples {

enum class LegacyRoute {
  kGetInvoice,     // GET /v1/invoices/{id}
  kCreateInvoice,  // POST /v1/customers/{customer_id}/invoices
  kListInvoices,   // GET /v1/invoices
  kWatchInvoices,  // GET /v1/invoices:watch
  kReport,         // GET /legacy/reports/{year}
  kHealth,         // GET /healthz
  kShowFaults,     // GET /demo/faults
  kSetFaults,      // POST /demo/faults
  kOther,          // what is none of these
};
inline constexpr std::size_t kLegacyRouteCount = 9;

struct LegacyMatch {
  LegacyRoute route = LegacyRoute::kOther;
  std::string variable;  // of the path; empty when it has none
};
struct LegacyWrongMethod {
  std::string allow;  // "GET, POST"
};
struct LegacyNoRoute {};

// `segments` are those of the path, decoded. HEAD is served as GET.
std::variant<LegacyMatch, LegacyWrongMethod, LegacyNoRoute> FindLegacyRoute(
    std::string_view method, const std::vector<std::string>& segments);

}  // namespace puente::examples
