#include "examples/services/legacy_billing.h"

#include <utility>
#include <variant>

#include "examples/services/fault_control.h"
#include "examples/services/legacy_error.h"

namespace puente::examples {
namespace {

bool IsFaultless(LegacyRoute route) {
  return route == LegacyRoute::kHealth || route == LegacyRoute::kShowFaults ||
         route == LegacyRoute::kSetFaults;
}

LegacyAnswer Healthy() {
  LegacyAnswer answer;
  answer.content_type = "text/plain";
  answer.body = "ok\n";
  return answer;
}

LegacyAnswer WrongMethod(const LegacyWrongMethod& wrong) {
  LegacyAnswer answer = LegacyError(405, "method not allowed");
  answer.headers.emplace_back("Allow", wrong.allow);
  return answer;
}

int HttpStatusOf(FailWith failure) { return failure == FailWith::kInternal ? 500 : 503; }

}  // namespace

LegacyBilling::LegacyBilling(std::shared_ptr<InvoiceStore> store,
                             std::shared_ptr<ServiceFaults> faults,
                             std::shared_ptr<ServiceFaults> grpc_faults)
    : faults_(std::move(faults)),
      grpc_faults_(std::move(grpc_faults)),
      invoices_(std::move(store), faults_),
      server_([this](const LegacyRequest& request) { return Serve(request); }) {}

tl::expected<void, std::string> LegacyBilling::Start(const std::string& address) {
  return server_.Start(address);
}

std::uint64_t LegacyBilling::requests(LegacyRoute route) const {
  return requests_[static_cast<std::size_t>(route)].load();
}

std::uint64_t LegacyBilling::requests() const {
  std::uint64_t sum = 0;
  for (const auto& count : requests_) sum += count.load();
  return sum;
}

LegacyAnswer LegacyBilling::Serve(const LegacyRequest& request) {
  const auto target = ReadLegacyTarget(request.target);
  if (!target) {
    Count(LegacyRoute::kOther);
    return LegacyError(400, target.error());
  }
  const auto found = FindLegacyRoute(request.method, target->segments);
  const auto* match = std::get_if<LegacyMatch>(&found);
  Count(match != nullptr ? match->route : LegacyRoute::kOther);
  if (match != nullptr) return Dispatch(*match, *target, request);
  const auto* wrong = std::get_if<LegacyWrongMethod>(&found);
  return wrong != nullptr ? WrongMethod(*wrong) : LegacyError(404, "not found");
}

void LegacyBilling::Count(LegacyRoute route) { ++requests_[static_cast<std::size_t>(route)]; }

LegacyAnswer LegacyBilling::Dispatch(const LegacyMatch& match, const LegacyTarget& target,
                                     const LegacyRequest& request) {
  if (IsFaultless(match.route)) return Answer(match, target, request);
  const Fault fault = faults_->Next();
  LegacyAnswer answer =
      fault.fails ? LegacyError(HttpStatusOf(fault.fail_with), "the service was told to fail")
                  : Answer(match, target, request);
  answer.delay = fault.delay;
  return answer;
}

LegacyAnswer LegacyBilling::Answer(const LegacyMatch& match, const LegacyTarget& target,
                                   const LegacyRequest& request) {
  switch (match.route) {
    case LegacyRoute::kGetInvoice:
      return invoices_.Get(match.variable);
    case LegacyRoute::kCreateInvoice:
      return invoices_.Create(match.variable, target, request.body);
    case LegacyRoute::kListInvoices:
      return invoices_.List(target);
    case LegacyRoute::kWatchInvoices:
      return invoices_.Watch(target, request.accept);
    case LegacyRoute::kReport:
      return invoices_.Report(match.variable, target, request.accept);
    case LegacyRoute::kHealth:
      return Healthy();
    case LegacyRoute::kShowFaults:
      return ShowFaults();
    case LegacyRoute::kSetFaults:
      return SetFaults(target);
    case LegacyRoute::kOther:
      break;
  }
  return LegacyError(404, "not found");
}

LegacyAnswer LegacyBilling::SetFaults(const LegacyTarget& target) {
  const auto order = ReadFaultOrder(target);
  if (!order) return LegacyError(400, order.error());
  const bool grpc = order->service == FaultOrder::Service::kGrpc;
  ServiceFaults* faults = grpc ? grpc_faults_.get() : faults_.get();
  if (faults == nullptr) return LegacyError(404, "there is no gRPC service beside this one");
  faults->Set(order->plan);
  return ShowFaults();
}

LegacyAnswer LegacyBilling::ShowFaults() const {
  LegacyAnswer answer;
  answer.body = FaultsJson(grpc_faults_ ? grpc_faults_->plan() : FaultPlan(), faults_->plan());
  return answer;
}

}  // namespace puente::examples
