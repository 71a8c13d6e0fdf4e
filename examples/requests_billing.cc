#include "examples/requests.h"

namespace puente::examples {
namespace {

constexpr char kCreate[] = "/v1/customers/c-7/invoices";

constexpr char kNewInvoice[] =
    R"({"lines": [{"sku": "tea-250", "quantity": 2, "price": {"currency": "EUR", "units": "12", "nanos": 500000000}}], "discount": 0.1, "labels": {"region": "eu"}})";

constexpr char kCreated[] =
    R"({"customerId": "c-7", "status": "STATUS_DRAFT", "discount": 0.1, "labels": {"region": "eu"},
        "total": {"currency": "EUR", "units": "22", "nanos": 500000000}})";

// In the demo billing is on its way from REST to gRPC: the header asks for the latter.
std::vector<DemoRequest> AtGrpc(std::vector<DemoRequest> requests) {
  for (auto& request : requests) request.headers.emplace_back("x-puente-upstream", "billing");
  return requests;
}

std::optional<std::string> CheckCreated(const DemoAnswer& answer) {
  if (auto difference = Says(kCreated)(answer)) return difference;
  for (const char* key : {"\"id\"", "\"createdAt\"", "\"checksum\""}) {
    if (answer.body.find(key) == std::string::npos) return std::string(key) + " is not there";
  }
  return std::nullopt;
}

std::optional<std::string> CheckNotStored(const DemoAnswer& answer) {
  if (auto difference = Says(kCreated)(answer)) return difference;
  if (answer.body.find("\"createdAt\"") == std::string::npos) return std::nullopt;
  return "an invoice that is only validated has a time of creation";
}

std::optional<std::string> CheckNamesTheField(const DemoAnswer& answer) {
  if (auto difference = Says(R"({"code": 3})")(answer)) return difference;
  if (answer.body.find("lines[0].quantity") != std::string::npos) return std::nullopt;
  return "the message does not name lines[0].quantity";
}

std::optional<std::string> CheckAllow(const DemoAnswer& answer) {
  const auto allow = answer.Header("allow");
  if (!allow || allow->find("GET") == std::string_view::npos) return "Allow does not name GET";
  return Says(R"({"code": 12})")(answer);
}

DemoRequest Create() {
  auto request = JsonRequest("Create an invoice", kCreate, kNewInvoice, kCreated);
  request.expected_status = 201;
  request.check = CheckCreated;
  return request;
}

DemoRequest Validate() {
  auto request = JsonRequest("Only check an invoice: a query parameter beside the body",
                             std::string(kCreate) + "?validateOnly=true", kNewInvoice, kCreated);
  request.check = CheckNotStored;
  return request;
}

DemoRequest WrongType() {
  auto request = ExpectStatus(
      400, JsonRequest("A body that does not fit: the error says where", kCreate,
                       R"({"lines": [{"sku": "tea-250", "quantity": "many"}]})", "{}"));
  request.check = CheckNamesTheField;
  return request;
}

DemoRequest WrongMethod() {
  return {.title = "A method that the path does not have",
          .method = "DELETE",
          .target = "/v1/invoices/inv-1001",
          .curl_options = "-i",
          .expected_status = 405,
          .check = CheckAllow};
}

}  // namespace

std::vector<DemoRequest> BillingRequests() {
  std::vector<DemoRequest> requests = AtGrpc({
      GetRequest("Get an invoice", "/v1/invoices/inv-1001",
                 R"({"id": "inv-1001", "customerId": "c-1", "status": "STATUS_PAID",
                     "total": {"currency": "EUR", "units": "50"},
                     "lines": [{"sku": "tea-250", "description": "Green tea, 250 g", "quantity": 4,
                                "price": {"currency": "EUR", "units": "12", "nanos": 500000000},
                                "tags": ["organic"]}],
                     "createdAt": "2025-01-15T09:30:00Z", "labels": {"region": "eu"}})"),
      Create(),
      Validate(),
      GetRequest("List paid invoices, one on a page", "/v1/invoices?status=STATUS_PAID&pageSize=1",
                 R"({"invoices": [{"id": "inv-1001"}], "nextPageToken": "after-1001"})"),
      GetRequest("The next page", "/v1/invoices?pageSize=2&pageToken=after-1001",
                 R"({"invoices": [{"id": "inv-1002"}, {"id": "inv-1003"}],
                     "nextPageToken": "after-1003"})"),
      GetRequest("A server stream: the open invoices, each as it comes",
                 "/v1/invoices:watch?status=STATUS_OPEN&pageSize=2",
                 R"([{"id": "inv-1002", "status": "STATUS_OPEN"},
                     {"id": "inv-1003", "status": "STATUS_OPEN", "discount": 0.25}])"),
      ExpectStatus(404,
                   GetRequest("An error of the service, with its details", "/v1/invoices/inv-404",
                              R"({"code": 5, "message": "no such billing.v1.Invoice",
                                  "details": [{"@type": "type.googleapis.com/google.rpc.ResourceInfo",
                                               "resourceType": "billing.v1.Invoice",
                                               "resourceName": "inv-404"}]})")),
      WrongType(),
      ExpectStatus(400, JsonRequest("A rule of the service that is broken, with its details",
                                    kCreate, R"({"lines": []})",
                                    R"({"code": 3, "details": [
                           {"@type": "type.googleapis.com/google.rpc.BadRequest",
                            "fieldViolations": [{"field": "invoice.lines"}]}]})")),
  });
  requests.push_back(WrongMethod());
  requests.push_back(
      ExpectStatus(404, GetRequest("A path that nobody has", "/v1/receipts/1", R"({"code": 5})")));
  return requests;
}

}  // namespace puente::examples
