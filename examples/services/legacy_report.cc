#include "examples/services/legacy_report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <string_view>

namespace puente::examples {
namespace {

using billing::v1::Invoice;
using billing::v1::Money;

constexpr int kNanosPerCent = 10'000'000;

using Row = std::array<std::string, 6>;
const Row kHead = {"Invoice", "Customer", "Created", "Status", "Currency", "Total"};

std::string StatusWord(billing::v1::Status status) {
  switch (status) {
    case billing::v1::STATUS_DRAFT:
      return "draft";
    case billing::v1::STATUS_OPEN:
      return "open";
    case billing::v1::STATUS_PAID:
      return "paid";
    default:
      return "unknown";
  }
}

// Cents are cut, not rounded, as the printed invoices have it.
std::string Amount(const Money& money) {
  return fmt::format("{}.{:02}", money.units(), money.nanos() / kNanosPerCent);
}

std::vector<Row> RowsOf(int year, const std::vector<Invoice>& invoices) {
  std::vector<Row> rows;
  for (const Invoice& invoice : invoices) {
    const auto date = fmt::format("{:%Y-%m-%d}", fmt::gmtime(invoice.created_at().seconds()));
    if (!date.starts_with(fmt::format("{:04}-", year))) continue;
    rows.push_back({invoice.id(), invoice.customer_id(), date, StatusWord(invoice.status()),
                    invoice.total().currency(), Amount(invoice.total())});
  }
  return rows;
}

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string HtmlRow(const Row& row, std::string_view tag) {
  std::string html = "<tr>";
  for (const auto& cell : row) html += fmt::format("<{0}>{1}</{0}>", tag, EscapeHtml(cell));
  return html + "</tr>\n";
}

std::string CsvCell(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string CsvRow(const Row& row) {
  std::string line;
  for (const auto& cell : row) line += (line.empty() ? "" : ",") + CsvCell(cell);
  return line + "\r\n";
}

}  // namespace

std::string LegacyReportHtml(int year, const std::vector<Invoice>& invoices) {
  std::string table = HtmlRow(kHead, "th");
  for (const Row& row : RowsOf(year, invoices)) table += HtmlRow(row, "td");
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Invoices of "
      "{0}</title></head>\n<body><h1>Invoices of {0}</h1>\n<table>\n{1}</table></body></html>\n",
      year, table);
}

std::string LegacyReportCsv(int year, const std::vector<Invoice>& invoices) {
  std::string csv = CsvRow(kHead);
  for (const Row& row : RowsOf(year, invoices)) csv += CsvRow(row);
  return csv;
}

}  // namespace puente::examples
