// How the legacy service spells what it answers: the same values as billing.v1 has in proto3 JSON,
// written as programs did before there was a contract.
#pragma once

#include <string>
#include <string_view>

#include "billing/v1/billing.pb.h"
#include "examples/services/legacy_json_writer.h"

namespace puente::examples {

// Field names in snake_case and in the order of the alphabet, numbers for int64 and enums, times in
// milliseconds with an offset, bytes in URL-safe base64 without padding, null for what is empty.
std::string LegacyInvoiceJson(const billing::v1::Invoice& invoice, LegacyJsonLayout layout);

// `{"next_page_token": null, "invoices": [...]}`, pretty.
std::string LegacyListJson(const billing::v1::ListInvoicesResponse& page);

// `{"error": "no such invoice"}`.
std::string LegacyErrorJson(std::string_view message);

}  // namespace puente::examples
