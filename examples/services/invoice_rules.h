// What makes an invoice valid, and what the service computes of it. Pure.
#pragma once

#include <string>
#include <vector>

#include "billing/v1/billing.pb.h"
#include "examples/services/rpc_errors.h"

namespace puente::examples {

// All that is wrong with `invoice`, whose fields are named from "invoice." on. A line has a sku, a
// quantity above 0 and a price that is not negative; all prices are in one currency of three
// capital letters, and sum up to what a Money holds. A discount is a fraction: 0.25 is a quarter
// off.
std::vector<FieldViolation> CheckInvoice(const billing::v1::Invoice& invoice);

// Sets status (DRAFT unless it is given), total (quantity times price of all lines, less the
// discount, rounded to nanos) and checksum of a valid invoice.
void CompleteInvoice(billing::v1::Invoice& invoice);

}  // namespace puente::examples
