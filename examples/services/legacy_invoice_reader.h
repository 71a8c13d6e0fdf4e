// How the legacy service reads the invoice that a client posts.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "billing/v1/billing.pb.h"

namespace puente::examples {

// status, lines, labels and discount of the JSON object `json`: an enum as name or number, a number
// also as text, null as good as nothing. Other fields do not count and are not looked at. The error
// says what is wrong and in which field, for the client; whether the values make sense is
// InvoiceStore's to say.
tl::expected<billing::v1::Invoice, std::string> ReadLegacyInvoice(std::string_view json);

}  // namespace puente::examples
