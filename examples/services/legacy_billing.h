// What a team has before it moves to gRPC: invoices over plain REST, from a service written by
// hand.
//
//   GET  /v1/invoices/{id}
//   POST /v1/customers/{customer_id}/invoices     201; 200 with ?validate_only=true
//   GET  /v1/invoices?page_size=&page_token=&status=
//   GET  /v1/invoices:watch                       the same parameters; a JSON array, or NDJSON with
//                                                 Accept: application/x-ndjson
//   GET  /legacy/reports/{year}                   HTML, or CSV with ?format=csv or Accept: text/csv
//   GET  /healthz
//   GET  /demo/faults, POST /demo/faults          fault_control.h
//
// The first four are the routes of billing.v1.BillingService and mean the same; they are spelled as
// legacy_json.h says. An error is {"error": "..."} with its status. Unknown parameters and fields
// are ignored.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "examples/services/invoice_store.h"
#include "examples/services/legacy_http_server.h"
#include "examples/services/legacy_invoices.h"
#include "examples/services/legacy_routes.h"
#include "examples/services/legacy_target.h"
#include "examples/services/service_faults.h"

namespace puente::examples {

// Start, Stop and port are not for several threads at once; the rest is.
class LegacyBilling {
 public:
  // `faults` are those of this service; they concern invoices and reports. `grpc_faults` are those
  // of the gRPC service beside it, which only its /demo/faults touches; null: there is none.
  explicit LegacyBilling(std::shared_ptr<InvoiceStore> store,
                         std::shared_ptr<ServiceFaults> faults = std::make_shared<ServiceFaults>(),
                         std::shared_ptr<ServiceFaults> grpc_faults = nullptr);

  // See LegacyHttpServer. The destructor stops as well.
  tl::expected<void, std::string> Start(const std::string& address = "127.0.0.1:0");
  std::uint16_t port() const { return server_.port(); }
  void Stop() { server_.Stop(); }

  ServiceFaults& faults() { return *faults_; }

  // How many requests were served: of one kind, or of all. Those that are no HTTP do not count.
  std::uint64_t requests(LegacyRoute route) const;
  std::uint64_t requests() const;

 private:
  LegacyAnswer Serve(const LegacyRequest& request);
  void Count(LegacyRoute route);
  LegacyAnswer Dispatch(const LegacyMatch& match, const LegacyTarget& target,
                        const LegacyRequest& request);
  LegacyAnswer Answer(const LegacyMatch& match, const LegacyTarget& target,
                      const LegacyRequest& request);
  LegacyAnswer SetFaults(const LegacyTarget& target);
  LegacyAnswer ShowFaults() const;

  const std::shared_ptr<ServiceFaults> faults_;
  const std::shared_ptr<ServiceFaults> grpc_faults_;
  LegacyInvoices invoices_;
  std::array<std::atomic<std::uint64_t>, kLegacyRouteCount> requests_{};
  LegacyHttpServer server_;  // last: its thread uses the others
};

}  // namespace puente::examples
