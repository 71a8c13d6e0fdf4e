// How an example service misbehaves: told at run time, by tests and by the demo.
#pragma once

#include <chrono>
#include <mutex>

#include "billing/v1/billing.pb.h"

namespace puente::examples {

enum class FailWith {
  kInternal,     // gRPC INTERNAL, HTTP 500
  kUnavailable,  // gRPC UNAVAILABLE, HTTP 503
};

inline constexpr std::chrono::milliseconds kMaxFaultDelay{60'000};

// The default is a service that does as it should.
struct FaultPlan {
  int fail_percent = 0;  // how many of 100 requests fail, 0 to 100
  FailWith fail_with = FailWith::kInternal;
  std::chrono::milliseconds delay{0};  // before every answer, at most kMaxFaultDelay
  bool plant_difference = false;       // see ServiceFaults::Plant

  bool operator==(const FaultPlan&) const = default;
};

// What befalls one request.
struct Fault {
  bool fails = false;
  FailWith fail_with = FailWith::kInternal;
  std::chrono::milliseconds delay{0};  // before the answer, also before a failure
};

// The faults of one service. Any thread.
class ServiceFaults {
 public:
  // From the next request on. Counts begin anew.
  void Set(const FaultPlan& plan);
  FaultPlan plan() const;

  // For the next request. Failures are spread evenly, not by chance: with 25 percent every fourth
  // request fails, from the fourth on.
  Fault Next();

  // An answer that is wrong, while the store stays right: one more of each line's quantity in
  // invoices whose id ends in '3' ("inv-1003"). Nothing unless the plan says so.
  void Plant(billing::v1::Invoice& invoice) const;

 private:
  mutable std::mutex mutex_;
  FaultPlan plan_;
  int percents_ = 0;  // gathered since the last failure
};

}  // namespace puente::examples
