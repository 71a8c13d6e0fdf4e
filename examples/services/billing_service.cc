#include "examples/services/billing_service.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

namespace puente::examples {
namespace {

using billing::v1::Invoice;

constexpr std::chrono::milliseconds kCancellationCheck{5};

// On the thread of the call, which has nothing else to do; a call that is cancelled waits no
// longer.
void Wait(const grpc::ServerContext& context, std::chrono::milliseconds delay) {
  for (; delay.count() > 0 && !context.IsCancelled(); delay -= kCancellationCheck) {
    std::this_thread::sleep_for(std::min(delay, kCancellationCheck));
  }
}

// What befalls this call. OK: it is to be answered.
grpc::Status Suffer(const grpc::ServerContext& context, ServiceFaults& faults) {
  const Fault fault = faults.Next();
  Wait(context, fault.delay);
  if (!fault.fails) return grpc::Status::OK;
  const bool internal = fault.fail_with == FailWith::kInternal;
  return {internal ? grpc::StatusCode::INTERNAL : grpc::StatusCode::UNAVAILABLE,
          "the service was told to fail"};
}

}  // namespace

BillingService::BillingService(std::shared_ptr<InvoiceStore> store,
                               std::shared_ptr<ServiceFaults> faults)
    : store_(std::move(store)), faults_(std::move(faults)) {}

grpc::Status BillingService::GetInvoice(grpc::ServerContext* context,
                                        const billing::v1::GetInvoiceRequest* request,
                                        Invoice* response) {
  if (auto status = Suffer(*context, *faults_); !status.ok()) return status;
  auto status = store_->Get(request->id(), *response);
  faults_->Plant(*response);
  return status;
}

grpc::Status BillingService::CreateInvoice(grpc::ServerContext* context,
                                           const billing::v1::CreateInvoiceRequest* request,
                                           Invoice* response) {
  if (auto status = Suffer(*context, *faults_); !status.ok()) return status;
  auto status = store_->Create(*request, *response);
  faults_->Plant(*response);
  if (status.ok() && !request->validate_only()) context->AddInitialMetadata("x-http-code", "201");
  return status;
}

grpc::Status BillingService::ListInvoices(grpc::ServerContext* context,
                                          const billing::v1::ListInvoicesRequest* request,
                                          billing::v1::ListInvoicesResponse* response) {
  if (auto status = Suffer(*context, *faults_); !status.ok()) return status;
  auto status = store_->List(*request, *response);
  for (auto& invoice : *response->mutable_invoices()) faults_->Plant(invoice);
  return status;
}

grpc::Status BillingService::WatchInvoices(grpc::ServerContext* context,
                                           const billing::v1::ListInvoicesRequest* request,
                                           grpc::ServerWriter<Invoice>* writer) {
  if (auto status = Suffer(*context, *faults_); !status.ok()) return status;
  std::vector<Invoice> invoices;
  if (auto status = store_->Watch(*request, invoices); !status.ok()) return status;
  for (auto& invoice : invoices) {
    faults_->Plant(invoice);
    if (!writer->Write(invoice)) break;
  }
  return grpc::Status::OK;
}

}  // namespace puente::examples
