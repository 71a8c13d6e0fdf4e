#include "tests/integration/traffic_fixture.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <numeric>

namespace puente::test {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string ReadChunks(RawServer::Connection& connection) {
  std::string body;
  while (true) {
    const std::string size = connection.ReadUntil("\r\n");
    const std::size_t bytes = std::stoul(size, nullptr, 16);
    body += connection.ReadExactly(bytes);
    connection.ReadUntil("\r\n");
    if (bytes == 0) return body;
  }
}

PlainRequest ReadRequest(RawServer::Connection& connection) {
  PlainRequest request{connection.ReadHead(), {}};
  if (const auto length = request.Header("content-length")) {
    request.body = connection.ReadExactly(std::stoul(*length));
  } else if (request.Header("transfer-encoding")) {
    request.body = ReadChunks(connection);
  }
  return request;
}

google::protobuf::MethodDescriptorProto& FindMethod(google::protobuf::FileDescriptorSet& set,
                                                    std::string_view name) {
  for (auto& file : *set.mutable_file()) {
    for (auto& service : *file.mutable_service()) {
      for (auto& method : *service.mutable_method()) {
        if (method.name() == name) return method;
      }
    }
  }
  throw std::runtime_error("no such method");
}

}  // namespace

std::optional<std::string> PlainRequest::Header(std::string_view name) const {
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size()) {
    const std::size_t end = head.find("\r\n", at);
    const std::string line = head.substr(at, end - at);
    const std::size_t colon = line.find(':');
    if (colon != line.npos && SameName(line.substr(0, colon), name)) return line.substr(colon + 2);
    at = end + 2;
  }
  return std::nullopt;
}

PlainUpstream::PlainUpstream() {
  Answer(PlainReply{});
  Start();
  port_ = server_->port();
}

std::string PlainUpstream::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

void PlainUpstream::Answer(Script script) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

void PlainUpstream::Answer(PlainReply reply) {
  Answer([reply = std::move(reply)](const PlainRequest&) { return reply; });
}

std::vector<PlainRequest> PlainUpstream::Requests() const {
  const std::lock_guard lock(mutex_);
  return {requests_.begin(), requests_.end()};
}

std::size_t PlainUpstream::RequestCount() const {
  const std::lock_guard lock(mutex_);
  return requests_.size();
}

bool PlainUpstream::WaitForRequests(std::size_t count) const {
  return WaitUntil([&] { return RequestCount() >= count; });
}

void PlainUpstream::Stop() {
  Release();
  server_.reset();
}

// The system may have given the port to somebody's connection for a moment.
void PlainUpstream::Start() {
  const bool started = WaitUntil([this] {
    try {
      server_ = std::make_unique<RawServer>(
          [this](RawServer::Connection& connection) { Serve(connection); }, std::nullopt, port_);
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  });
  if (!started) throw std::runtime_error("the port is taken");
}

void PlainUpstream::Serve(RawServer::Connection& connection) {
  while (true) {
    const PlainRequest request = ReadRequest(connection);
    const PlainReply reply = ReplyTo(request);
    connection.Await([this] { return !holding_; });
    const bool is_head = request.head.starts_with("HEAD ");
    connection.Send(fmt::format(
        "HTTP/1.1 {} Status\r\n{}Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}", reply.status,
        reply.more_headers, reply.content_type, reply.body.size(), is_head ? "" : reply.body));
  }
}

PlainReply PlainUpstream::ReplyTo(PlainRequest request) {
  Script script;
  {
    const std::lock_guard lock(mutex_);
    script = script_;
    requests_.push_back(request);
  }
  return script(request);
}

Load::Load(std::uint16_t port, int clients, std::string target, HeaderList headers)
    : port_(port), target_(std::move(target)), headers_(std::move(headers)) {
  for (int i = 0; i < clients; ++i) threads_.emplace_back([this] { Run(); });
}

void Load::Stop() {
  stopping_ = true;
  Join();
}

void Load::Join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Load::Run() {
  while (!stopping_) {
    std::optional<HttpClient> client = Connect();
    if (!client) return;
    bool kept = Ask(*client, /*is_first=*/true);
    while (kept && !stopping_) kept = Ask(*client, /*is_first=*/false);
  }
}

std::optional<HttpClient> Load::Connect() {
  try {
    return HttpClient::Connect(port_);
  } catch (const ClientError& error) {
    if (!may_be_refused_) NoteLoss(error.what());
    return std::nullopt;
  }
}

bool Load::Ask(HttpClient& client, bool is_first) {
  try {
    client.Send("GET", target_, headers_);
    const auto answer = client.TryReadResponse();
    if (!answer) {
      if (is_first) NoteLoss("closed before the first answer");
      return false;
    }
    if (!answer->complete) NoteLoss("cut: " + answer->body);
    const std::lock_guard lock(mutex_);
    ++answers_[fmt::format("{} {}", answer->status, answer->body)];
    return answer->Header("connection") != "close";
  } catch (const ClientError& error) {
    NoteLoss(error.what());
    return false;
  }
}

void Load::NoteLoss(const std::string& why) {
  const std::lock_guard lock(mutex_);
  losses_.push_back(why);
}

std::map<std::string, int> Load::Answers() const {
  const std::lock_guard lock(mutex_);
  return answers_;
}

int Load::Count() const {
  const auto answers = Answers();
  return std::accumulate(answers.begin(), answers.end(), 0,
                         [](int sum, const auto& answer) { return sum + answer.second; });
}

int Load::CountOf(int status) const {
  int count = 0;
  for (const auto& [answer, times] : Answers()) {
    if (answer.starts_with(std::to_string(status))) count += times;
  }
  return count;
}

std::vector<std::string> Load::Losses() const {
  const std::lock_guard lock(mutex_);
  return losses_;
}

bool Load::WaitForMore(int count) const {
  const int before = Count();
  return WaitUntil([&] { return Count() >= before + count; });
}

TrafficTest::TrafficTest() {
  billing_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("billing")));
  billing_.OnUnary(kCreateInvoice, UnaryReply::Message(InvoiceOf("billing")));
  legacy_.Answer({.body = kLegacyInvoice});
}

void TrafficTest::Start(const Setup& setup) {
  proxy_.emplace(ProxyUnderTest::FromConfig(ConfigOf(setup)));
}

std::string TrafficTest::ConfigOf(const Setup& setup) const {
  const auto given = [](const std::string& text, const std::string& otherwise) {
    return text.empty() ? otherwise : text;
  };
  return fmt::format(
      "listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
      "admin: {{address: \"127.0.0.1:0\"}}\n"
      "descriptors: {{files: [\"{}\"]}}\n"
      "telemetry: {{access_log: {{path: \"{}\"}}{}}}\n"
      "upstreams:\n"
      "- {{name: billing, grpc: {{{}}}}}\n"
      "- {{name: legacy, http: {{url: \"{}\"}}}}\n"
      "- {{name: spare, http: {{url: \"{}\"}}}}\n"
      "routes: [{{match: {{{}}}, {}}}]\n"
      "{}\n",
      given(setup.descriptors, ExampleDescriptors()), log_.path(), setup.more_telemetry,
      given(setup.billing, fmt::format("target: \"{}\"", billing_.target())),
      given(setup.legacy_url, legacy_.url()), spare_.url(), setup.match, setup.route, setup.more);
}

std::string TrafficTest::MarkedDescriptors(
    google::protobuf::MethodOptions::IdempotencyLevel level) const {
  google::protobuf::FileDescriptorSet set;
  std::ifstream in(ExampleDescriptors(), std::ios::binary);
  if (!set.ParseFromIstream(&in)) throw std::runtime_error("no descriptors");
  FindMethod(set, "CreateInvoice").mutable_options()->set_idempotency_level(level);
  return dir_.Write("marked.pb", set.SerializeAsString());
}

HttpResponse TrafficTest::Admin(const std::string& method, const std::string& target,
                                const std::string& body, const HeaderList& headers) const {
  return HttpClient::Connect(proxy_->admin_port()).Request(method, target, headers, body);
}

std::string BackendRequests(const std::string& upstream, int code, const std::string& split) {
  return fmt::format(R"(puente_backend_requests_total{{code="{}",split="{}",upstream="{}"}})", code,
                     split, upstream);
}

std::string Calls(const std::string& method, const std::string& status,
                  const std::string& traffic) {
  return fmt::format(R"(grpc_requests_total{{method="{}",service="billing.v1.BillingService",)"
                     R"(status="{}",traffic="{}",upstream="billing"}})",
                     method, status, traffic);
}

std::string Retries(const std::string& upstream) {
  return fmt::format(R"(puente_retries_total{{upstream="{}"}})", upstream);
}

std::string BreakerState(const std::string& upstream) {
  return fmt::format(R"(puente_circuit_breaker_state{{upstream="{}"}})", upstream);
}

std::string Fallbacks(const std::string& upstream, const std::string& split) {
  return fmt::format(R"(puente_fallbacks_total{{split="{}",upstream="{}"}})", split, upstream);
}

std::string Comparisons(const std::string& result, const std::string& split) {
  return fmt::format(R"(puente_shadow_comparisons_total{{result="{}",split="{}"}})", result, split);
}

}  // namespace puente::test
