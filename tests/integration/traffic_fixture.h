// Both ends of a migration, and a proxy between them: what tests of splits, shadows, rollouts,
// retries and breakers share.
#pragma once

#include <gmock/gmock.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/integration/access_log_lines.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"
#include "tests/proxy/logged_lines.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/raw_server.h"

namespace puente::test {

struct PlainRequest {
  std::string head;  // as it came, with the empty line
  std::string body;

  std::string Line() const { return head.substr(0, head.find("\r\n")); }
  // The value of the first header called `name`, in any case; nullopt when there is none.
  std::optional<std::string> Header(std::string_view name) const;
};

struct PlainReply {
  int status = 200;
  std::string body = "{}";
  std::string content_type = "application/json";
  std::string more_headers;  // whole lines
};

// A REST service that does what the test says. Listens from construction on.
class PlainUpstream {
 public:
  using Script = std::function<PlainReply(const PlainRequest&)>;

  PlainUpstream();
  ~PlainUpstream() { Stop(); }
  PlainUpstream(const PlainUpstream&) = delete;
  PlainUpstream& operator=(const PlainUpstream&) = delete;

  std::string url() const;
  // What happens to requests from now on; "{}" at first.
  void Answer(Script script);
  void Answer(PlainReply reply);
  // Requests that come from now on are answered only after Release.
  void Hold() { holding_ = true; }
  void Release() { holding_ = false; }

  std::vector<PlainRequest> Requests() const;
  std::size_t RequestCount() const;
  bool WaitForRequests(std::size_t count) const;

  // Closes the port and all connections. Start listens again on the same port.
  void Stop();
  void Start();

 private:
  void Serve(RawServer::Connection& connection);
  PlainReply ReplyTo(PlainRequest request);

  mutable std::mutex mutex_;  // of the next
  std::deque<PlainRequest> requests_;
  Script script_;
  std::atomic<bool> holding_{false};
  std::uint16_t port_ = 0;
  std::unique_ptr<RawServer> server_;  // empty while stopped
};

// Clients that ask for one thing without a pause, each on a connection that it keeps as long as it
// may.
class Load {
 public:
  Load(std::uint16_t port, int clients, std::string target, HeaderList headers = {});
  // As Stop.
  ~Load() { Stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void Stop();
  // From now on a client whose connection is refused is done.
  void ExpectRefusal() { may_be_refused_ = true; }
  // Until all clients are done.
  void Join();

  // The answers so far by status and body: "200 {}".
  std::map<std::string, int> Answers() const;
  int Count() const;
  // Those that begin with `status`, and all others.
  int CountOf(int status) const;
  int CountOther(int status) const { return Count() - CountOf(status); }
  // Requests without an answer: why. A connection that was kept, and is gone before the next
  // request got a byte, is none.
  std::vector<std::string> Losses() const;
  // Whether `count` more answers come.
  bool WaitForMore(int count) const;

 private:
  void Run();
  std::optional<HttpClient> Connect();
  bool Ask(HttpClient& client, bool is_first);
  void NoteLoss(const std::string& why);

  const std::uint16_t port_;
  const std::string target_;
  const HeaderList headers_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> may_be_refused_{false};
  mutable std::mutex mutex_;  // of the next
  std::map<std::string, int> answers_;
  std::vector<std::string> losses_;
  std::vector<std::thread> threads_;
};

inline constexpr char kLegacyInvoice[] = R"({"id":"legacy"})";
inline constexpr char kBillingInvoice[] = R"({"id":"billing"})";

// The upstreams "billing" (gRPC), "legacy" and "spare" (both HTTP). Billing and legacy answer GET
// /v1/invoices/{id} with an invoice that is called as they are.
class TrafficTest : public testing::Test {
 protected:
  TrafficTest();

  // A proxy with one route, for BillingService unless `match` says otherwise: `route` are its other
  // keys. `more` are further top-level keys; all but `telemetry`, for which there is
  // `more_telemetry`.
  struct Setup {
    std::string route;
    std::string match = "service: billing.v1.BillingService";
    std::string more;
    std::string more_telemetry;
    std::string legacy_url;   // in place of legacy_
    std::string billing;      // in place of "target: …"
    std::string descriptors;  // in place of the examples' own
  };
  void Start(const Setup& setup);
  void StartRoute(const std::string& route) { Start({.route = route}); }
  // The whole configuration.
  std::string ConfigOf(const Setup& setup) const;

  // Descriptors where CreateInvoice is marked NO_SIDE_EFFECTS or IDEMPOTENT.
  std::string MarkedDescriptors(google::protobuf::MethodOptions::IdempotencyLevel level) const;

  HttpResponse Get(const std::string& target = kInvoice, const HeaderList& headers = {}) const {
    return proxy_->Get(target, headers);
  }
  HttpResponse Post(const std::string& body = "{}", const HeaderList& headers = {}) const {
    return proxy_->Post("/v1/customers/c/invoices", body, headers);
  }
  HttpResponse Admin(const std::string& method, const std::string& target,
                     const std::string& body = {}, const HeaderList& headers = {}) const;
  std::string Split() const { return proxy_->Admin("/splits/migration").body; }
  double Metric(const std::string& series) const { return proxy_->Metric(series); }
  // Whether the series gets to `value`.
  bool Reaches(const std::string& series, double value) const {
    return WaitUntil([&] { return Metric(series) == value; });
  }

  FakeUpstream billing_;
  PlainUpstream legacy_;
  PlainUpstream spare_;
  TempDir dir_;
  AccessLogLines log_;
  LoggedLines logged_;
  std::optional<ProxyUnderTest> proxy_;
};

// The names of series. `split` is "" on a route without one.
std::string BackendRequests(const std::string& upstream, int code, const std::string& split = {});
std::string Calls(const std::string& method, const std::string& status, const std::string& traffic);
std::string Retries(const std::string& upstream);
std::string BreakerState(const std::string& upstream);
std::string Comparisons(const std::string& result, const std::string& split);
std::string Fallbacks(const std::string& upstream, const std::string& split = {});

}  // namespace puente::test
