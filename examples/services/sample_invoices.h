// The invoices that the billing service begins with.
#pragma once

#include <vector>

#include "billing/v1/billing.pb.h"

namespace puente::examples {

// Five, of three customers, in all statuses; the same at every start. Without ids, complete
// otherwise.
std::vector<billing::v1::Invoice> SampleInvoices();

}  // namespace puente::examples
