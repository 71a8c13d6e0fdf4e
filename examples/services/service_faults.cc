#include "examples/services/service_faults.h"

namespace puente::examples {
namespace {

constexpr int kWhole = 100;
constexpr char kLastOfWrongIds = '3';

}  // namespace

void ServiceFaults::Set(const FaultPlan& plan) {
  const std::lock_guard lock(mutex_);
  plan_ = plan;
  percents_ = 0;
}

FaultPlan ServiceFaults::plan() const {
  const std::lock_guard lock(mutex_);
  return plan_;
}

Fault ServiceFaults::Next() {
  const std::lock_guard lock(mutex_);
  percents_ += plan_.fail_percent;
  const bool fails = percents_ >= kWhole;
  if (fails) percents_ -= kWhole;
  return {fails, plan_.fail_with, plan_.delay};
}

void ServiceFaults::Plant(billing::v1::Invoice& invoice) const {
  if (!plan().plant_difference || !invoice.id().ends_with(kLastOfWrongIds)) return;
  for (auto& line : *invoice.mutable_lines()) line.set_quantity(line.quantity() + 1);
}

}  // namespace puente::examples
