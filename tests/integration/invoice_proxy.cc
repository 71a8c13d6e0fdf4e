#include "tests/integration/invoice_proxy.h"

#include <fmt/format.h>

#include "examples/json_subset.h"

namespace puente::test {
namespace {

std::string ConfigOf(const FakeUpstream& upstream, const std::string& more,
                     const std::string& listener) {
  return fmt::format(
      "listeners: [{}]\n"
      "admin: {{address: \"127.0.0.1:0\"}}\n"
      "descriptors: {{files: [\"{}\"]}}\n"
      "upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n"
      "{}\n",
      listener, ExampleDescriptors(), upstream.target(), more);
}

}  // namespace

InvoiceProxy::InvoiceProxy(const std::string& more, const std::string& listener)
    : proxy(ProxyUnderTest::FromConfig(ConfigOf(upstream, more, listener))) {
  // A request for an invoice and an invoice have their id in the same place.
  upstream.OnUnary(kGetInvoice,
                   [](const UnaryRequest& request) { return UnaryReply{.bytes = request.bytes}; });
  upstream.OnUnary(kCreateInvoice, UnaryReply{});
}

RawAnswer AskRaw(const ProxyUnderTest& proxy, std::string_view bytes) {
  HttpClient client = proxy.Connect();
  client.TrySendRaw(bytes);
  RawAnswer answer;
  answer.response = client.ReadResponse("GET");
  answer.rest = client.ReadUntilClosed();
  return answer;
}

std::optional<std::string> FindErrorDifference(const HttpResponse& response, int status, int code) {
  if (response.status != status) {
    return fmt::format("the status is {}: {}", response.status, response.body);
  }
  if (response.Header("content-type") != "application/json") return "it is not application/json";
  if (response.body.find("\"message\":\"") == std::string::npos) return "it has no message";
  return examples::FindJsonDifference(fmt::format("{{\"code\": {}}}", code), response.body);
}

}  // namespace puente::test
