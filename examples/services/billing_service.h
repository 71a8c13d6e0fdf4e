// billing.v1.BillingService over invoices in memory.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "billing/v1/billing.grpc.pb.h"
#include "examples/services/paging.h"

namespace puente::examples {

// Begins with SampleInvoices as "inv-1001" and so on. Safe for any number of calls at once.
class BillingService final : public billing::v1::BillingService::Service {
 public:
  BillingService();

  // NOT_FOUND with a ResourceInfo.
  grpc::Status GetInvoice(grpc::ServerContext* context,
                          const billing::v1::GetInvoiceRequest* request,
                          billing::v1::Invoice* response) override;

  // Stores the invoice under a new id and with the time of its creation. id, customer_id, total,
  // created_at and checksum of the request's invoice do not count. The HTTP status is 201. With
  // validate_only nothing is stored, and the answer has neither id nor time.
  grpc::Status CreateInvoice(grpc::ServerContext* context,
                             const billing::v1::CreateInvoiceRequest* request,
                             billing::v1::Invoice* response) override;

  // In the order of their creation; those of one status where it is given.
  grpc::Status ListInvoices(grpc::ServerContext* context,
                            const billing::v1::ListInvoicesRequest* request,
                            billing::v1::ListInvoicesResponse* response) override;

  // The invoices that there are now and that match as for ListInvoices, one by one, then the end of
  // the stream: all of them, or page_size of them where it is given.
  grpc::Status WatchInvoices(grpc::ServerContext* context,
                             const billing::v1::ListInvoicesRequest* request,
                             grpc::ServerWriter<billing::v1::Invoice>* writer) override;

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
