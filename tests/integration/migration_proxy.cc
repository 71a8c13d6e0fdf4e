#include "tests/integration/migration_proxy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "billing/v1/billing.pb.h"
#include "tests/integration/example_calls.h"

namespace puente::test {
namespace {

constexpr char kSomeInvoice[] = "/v1/invoices/7";

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

HeaderList FieldsOf(std::string_view head) {
  HeaderList headers;
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
  }
  return headers;
}

std::string ReadChunks(RawServer::Connection& client) {
  constexpr int kHexadecimal = 16;
  std::string body;
  while (true) {
    const std::size_t size = std::stoul(client.ReadUntil("\r\n"), nullptr, kHexadecimal);
    const std::string chunk = client.ReadExactly(size + 2);
    if (size == 0) return body;
    body += chunk.substr(0, size);
  }
}

}  // namespace

std::optional<std::string> ForwardedRequest::Header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& h) { return SameName(h.first, name); });
  return found == headers.end() ? std::nullopt : std::optional(found->second);
}

std::size_t ForwardedRequest::Count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(headers, [&](const auto& h) { return SameName(h.first, name); }));
}

ForwardedRequest ReadRequest(RawServer::Connection& client) {
  const std::string head = client.ReadHead();
  ForwardedRequest request;
  request.line = head.substr(0, head.find("\r\n"));
  request.headers = FieldsOf(std::string_view(head).substr(request.line.size() + 2));
  request.connection = client.number();
  if (request.Header("transfer-encoding")) {
    request.body = ReadChunks(client);
  } else if (const auto length = request.Header("content-length")) {
    request.body = client.ReadExactly(std::stoul(*length));
  }
  return request;
}

RecordingUpstream::RecordingUpstream(std::string answer, std::optional<RawServer::Tls> tls)
    : answer_(std::move(answer)),
      is_tls_(tls.has_value()),
      server_([this](RawServer::Connection& client) { Serve(client); }, std::move(tls)) {}

void RecordingUpstream::Serve(RawServer::Connection& client) {
  bool closes = false;
  while (!closes) {
    ForwardedRequest request = ReadRequest(client);
    std::string answer;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
      answer = answer_;
      closes = closes_;
    }
    client.Send(answer);
  }
}

std::string RecordingUpstream::url() const {
  return (is_tls_ ? "https://" : "http://") + server_.address();
}

std::vector<ForwardedRequest> RecordingUpstream::Requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

ForwardedRequest RecordingUpstream::Last() const {
  const std::lock_guard lock(mutex_);
  if (!requests_.empty()) return requests_.back();
  ADD_FAILURE() << "no request has come";
  return {};
}

void RecordingUpstream::Answer(std::string bytes, bool then_close) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(bytes);
  closes_ = then_close;
}

std::string ForwardingConfig(const std::string& url, const ForwardingOptions& options) {
  return ExampleConfig(
      fmt::format("upstreams: [{{name: legacy, http: {{url: \"{}\"{}}}}}]\n"
                  "routes: [{{match: {{path_prefix: /}}, upstream: legacy{}}}]\n"
                  "{}",
                  url, options.upstream, options.route, options.more));
}

MigrationBackends::MigrationBackends() {
  billing.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("billing")));
}

std::string MigrationBackends::Config(int legacy_weight, int billing_weight,
                                      const std::string& more) const {
  return fmt::format(
      "upstreams:\n"
      "- {{name: legacy, http: {{url: \"{}\"}}}}\n"
      "- {{name: billing, grpc: {{target: \"{}\"}}}}\n"
      "routes:\n"
      "- match: {{service: billing.v1.BillingService}}\n"
      "  split:\n"
      "    {{name: migration, backends: [{{upstream: legacy, weight: {}}}, {{upstream: billing, "
      "weight: {}}}]{}}}\n",
      legacy.url(), billing.target(), legacy_weight, billing_weight, more);
}

std::string ServedBy(HttpClient& client, const HeaderList& headers) {
  const HttpResponse answer = client.Get(kSomeInvoice, headers);
  if (answer.status == 200 && answer.body == "{\"id\":\"legacy\"}") return "legacy";
  if (answer.status == 200 && answer.body == "{\"id\":\"billing\"}") return "billing";
  return fmt::format("{} {}", answer.status, answer.body);
}

SplitProxy::SplitProxy(int legacy_weight, int billing_weight, const std::string& split,
                       const std::string& more)
    : proxy(ProxyUnderTest::FromConfig(
          ExampleConfig(backends.Config(legacy_weight, billing_weight, split) + more))) {}

std::string SplitProxy::ServedBy(const HeaderList& headers) const {
  HttpClient client = proxy.Connect();
  return test::ServedBy(client, headers);
}

std::map<std::string, int> SplitProxy::ServedBy(int count, const HeaderList& headers) const {
  HttpClient client = proxy.Connect();
  std::map<std::string, int> served;
  for (int i = 0; i < count; ++i) ++served[test::ServedBy(client, headers)];
  return served;
}

HttpResponse SplitProxy::Split(std::string_view method, std::string_view path,
                               const HeaderList& headers, std::string_view body) const {
  return HttpClient::Connect(proxy.admin_port())
      .Request(method, fmt::format("/splits/migration{}", path), headers, body);
}

HttpResponse SplitProxy::PutWeights(int legacy_weight, int billing_weight) const {
  return Split("PUT", {}, {}, WeightsBody(legacy_weight, billing_weight));
}

std::string WeightsBody(int legacy_weight, int billing_weight) {
  return fmt::format(R"({{"weights":{{"legacy":{},"billing":{}}}}})", legacy_weight,
                     billing_weight);
}

std::string WeightSeries(const std::string& upstream) {
  return fmt::format(R"(puente_split_weight{{split="migration",upstream="{}"}})", upstream);
}

double ChiSquare(int first, int second, double first_share) {
  const double expected = (first + second) * first_share;
  const double other = (first + second) * (1 - first_share);
  return (first - expected) * (first - expected) / expected +
         (second - other) * (second - other) / other;
}

}  // namespace puente::test
