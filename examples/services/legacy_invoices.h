// The invoices of the legacy service: what its four routes of the contract answer.
#pragma once

#include <memory>
#include <string>

#include "examples/services/invoice_store.h"
#include "examples/services/legacy_http_session.h"
#include "examples/services/legacy_target.h"
#include "examples/services/service_faults.h"

namespace puente::examples {

// Of the faults it plants differences only. Any thread.
class LegacyInvoices {
 public:
  LegacyInvoices(std::shared_ptr<InvoiceStore> store, std::shared_ptr<ServiceFaults> faults);

  LegacyAnswer Get(const std::string& id) const;
  // 201, or 200 with the parameter validate_only=true. `body` is the invoice.
  LegacyAnswer Create(const std::string& customer_id, const LegacyTarget& target,
                      const std::string& body) const;
  // Parameters: page_size, page_token, status (as name or number).
  LegacyAnswer List(const LegacyTarget& target) const;
  // The same parameters. One part for each invoice, of an array or, where `accept` asks for it, of
  // NDJSON.
  LegacyAnswer Watch(const LegacyTarget& target, const std::string& accept) const;
  // `year` is of four digits, otherwise 404. The parameter `format` (html, csv) counts before
  // `accept`.
  LegacyAnswer Report(const std::string& year, const LegacyTarget& target,
                      const std::string& accept) const;

 private:
  const std::shared_ptr<InvoiceStore> store_;
  const std::shared_ptr<ServiceFaults> faults_;
};

}  // namespace puente::examples
