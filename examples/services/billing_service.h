// billing.v1.BillingService over invoices in memory.
#pragma once

#include <memory>

#include "billing/v1/billing.grpc.pb.h"
#include "examples/services/invoice_store.h"
#include "examples/services/service_faults.h"

namespace puente::examples {

// Safe for any number of calls at once. The errors are those of the store, and what `faults` says.
class BillingService final : public billing::v1::BillingService::Service {
 public:
  // Neither is null.
  explicit BillingService(
      std::shared_ptr<InvoiceStore> store = std::make_shared<InvoiceStore>(),
      std::shared_ptr<ServiceFaults> faults = std::make_shared<ServiceFaults>());

  grpc::Status GetInvoice(grpc::ServerContext* context,
                          const billing::v1::GetInvoiceRequest* request,
                          billing::v1::Invoice* response) override;

  // The HTTP status is 201 when something was stored.
  grpc::Status CreateInvoice(grpc::ServerContext* context,
                             const billing::v1::CreateInvoiceRequest* request,
                             billing::v1::Invoice* response) override;

  grpc::Status ListInvoices(grpc::ServerContext* context,
                            const billing::v1::ListInvoicesRequest* request,
                            billing::v1::ListInvoicesResponse* response) override;

  // The invoices that there are now and that match as for ListInvoices, one by one, then the end of
  // the stream: all of them, or page_size of them where it is given.
  grpc::Status WatchInvoices(grpc::ServerContext* context,
                             const billing::v1::ListInvoicesRequest* request,
                             grpc::ServerWriter<billing::v1::Invoice>* writer) override;

 private:
  const std::shared_ptr<InvoiceStore> store_;
  const std::shared_ptr<ServiceFaults> faults_;
};

}  // namespace puente::examples
