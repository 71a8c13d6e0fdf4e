#pragma once

#include <cstddef>

#include "billing/v1/billing.pb.h"

namespace puente::bench {

// An invoice whose JSON has about `json_bytes` bytes (within one line of it, some 100 bytes); at
// least its head, about 150 bytes. bench/scenarios/invoice.lua makes the same for request bodies.
billing::v1::Invoice SampleInvoice(std::size_t json_bytes);

// `count` invoices of about 400 bytes each; 87 of them are about 35 KB.
billing::v1::ListInvoicesResponse SampleList(int count);

}  // namespace puente::bench
