// The yearly report of the legacy service: a page that no contract describes.
#pragma once

#include <string>
#include <vector>

#include "billing/v1/billing.pb.h"

namespace puente::examples {

// A table of those of `invoices` that were created in `year` (UTC), as an HTML page, or as CSV (RFC
// 4180) with a head line.
std::string LegacyReportHtml(int year, const std::vector<billing::v1::Invoice>& invoices);
std::string LegacyReportCsv(int year, const std::vector<billing::v1::Invoice>& invoices);

}  // namespace puente::examples
