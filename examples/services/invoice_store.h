// The invoices of a billing team: one store, whichever of its services a request comes through.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "billing/v1/billing.pb.h"
#include "examples/services/paging.h"

namespace puente::examples {

// Begins with SampleInvoices as "inv-1001" and so on. Safe for any number of threads at once.
// Errors are INVALID_ARGUMENT with a BadRequest unless something else is said.
class InvoiceStore {
 public:
  InvoiceStore();

  // NOT_FOUND with a ResourceInfo.
  grpc::Status Get(const std::string& id, billing::v1::Invoice& invoice) const;

  // Stores the request's invoice under a new id and with the time of its creation, in whole
  // milliseconds. Its id, customer_id, total, created_at and checksum do not count. With
  // validate_only nothing is stored, and `created` has neither id nor time. RESOURCE_EXHAUSTED when
  // the store is full.
  grpc::Status Create(const billing::v1::CreateInvoiceRequest& request,
                      billing::v1::Invoice& created);

  // One page, in the order of their creation; those of one status where it is given.
  grpc::Status List(const billing::v1::ListInvoicesRequest& request,
                    billing::v1::ListInvoicesResponse& response) const;

  // What List finds, but all of it unless page_size is given.
  grpc::Status Watch(const billing::v1::ListInvoicesRequest& request,
                     std::vector<billing::v1::Invoice>& invoices) const;

 private:
  struct Found {
    std::vector<billing::v1::Invoice> invoices;
    std::string next_page_token;
  };
  Found Find(const Page& page, billing::v1::Status status) const;

  mutable std::mutex mutex_;
  std::map<std::uint64_t, billing::v1::Invoice> invoices_;  // "inv-N" by N
  std::uint64_t last_ = 1000;
};

}  // namespace puente::examples
