// Proxies in front of what a team has while it moves: an HTTP upstream, a gRPC one, or both.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/proxy_under_test.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/raw_server.h"

namespace puente::test {

// A request as an HTTP upstream got it.
struct ForwardedRequest {
  std::string line;  // "GET /a?b HTTP/1.1"
  HeaderList headers;
  std::string body;  // without the framing of chunks
  std::size_t connection = 0;

  // The value of the first header called `name`, in any case; nullopt when there is none.
  std::optional<std::string> Header(std::string_view name) const;
  std::size_t Count(std::string_view name) const;
};

// Reads the next request of `client`, its body included.
ForwardedRequest ReadRequest(RawServer::Connection& client);

inline constexpr char kLegacyAnswer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
    "{\"id\":\"legacy\"}";

// An HTTP upstream that answers every request with the same bytes, and remembers them all. Its
// functions may be called from any thread.
class RecordingUpstream {
 public:
  explicit RecordingUpstream(std::string answer = kLegacyAnswer,
                             std::optional<RawServer::Tls> tls = std::nullopt);

  // "http://127.0.0.1:12345", or https.
  std::string url() const;
  std::vector<ForwardedRequest> Requests() const;
  // The last one; a test fails when there was none.
  ForwardedRequest Last() const;
  // From the next request on; with `then_close` each is its connection's last.
  void Answer(std::string bytes, bool then_close = false);
  std::size_t connection_count() const { return server_.connection_count(); }
  std::size_t open_count() const { return server_.open_count(); }

 private:
  void Serve(RawServer::Connection& client);

  mutable std::mutex mutex_;
  std::string answer_;
  bool closes_ = false;
  std::vector<ForwardedRequest> requests_;
  const bool is_tls_;
  RawServer server_;  // last: its threads use the others
};

// The configuration of a proxy whose paths all go to the HTTP upstream "legacy" at `url`. What
// follows is added to the upstream, to the route (both with a comma in front), and to the top.
struct ForwardingOptions {
  std::string upstream = {};
  std::string route = {};
  std::string more = {};
};
std::string ForwardingConfig(const std::string& url, const ForwardingOptions& options = {});

// Such a proxy and its upstream, for which `script` says what it does with each connection.
struct ForwardingProxy {
  explicit ForwardingProxy(RawServer::Script script, const ForwardingOptions& options = {})
      : upstream(std::move(script)),
        proxy(
            ProxyUnderTest::FromConfig(ForwardingConfig("http://" + upstream.address(), options))) {
  }

  RawServer upstream;
  ProxyUnderTest proxy;
};

// Or one that remembers what it got.
struct RecordingProxy {
  explicit RecordingProxy(std::string answer = kLegacyAnswer, const ForwardingOptions& options = {})
      : upstream(std::move(answer)),
        proxy(ProxyUnderTest::FromConfig(ForwardingConfig(upstream.url(), options))) {}

  RecordingUpstream upstream;
  ProxyUnderTest proxy;
};

// The backends of a migration: GET /v1/invoices/7 is {"id":"legacy"} over there, {"id":"billing"}
// over here.
struct MigrationBackends {
  MigrationBackends();

  // The keys `upstreams` and `routes` of a configuration: the split "migration" of BillingService
  // with these weights; `more` (with a comma in front) is added to it.
  std::string Config(int legacy_weight, int billing_weight, const std::string& more = {}) const;

  RecordingUpstream legacy;
  FakeUpstream billing;
};

// Which of them serves a request for an invoice with these headers: "legacy", "billing", or what
// was answered instead.
std::string ServedBy(HttpClient& client, const HeaderList& headers = {});

// Both, with the proxy between. `more`: further top-level keys.
struct SplitProxy {
  explicit SplitProxy(int legacy_weight, int billing_weight, const std::string& split = {},
                      const std::string& more = {});

  std::string ServedBy(const HeaderList& headers = {}) const;
  // How many of `count` requests each backend serves; what is neither is there by its answer.
  std::map<std::string, int> ServedBy(int count, const HeaderList& headers = {}) const;
  // A request to /splits/migration`path` of the admin listener.
  HttpResponse Split(std::string_view method, std::string_view path = {},
                     const HeaderList& headers = {}, std::string_view body = {}) const;
  HttpResponse PutWeights(int legacy_weight, int billing_weight) const;

  MigrationBackends backends;
  ProxyUnderTest proxy;
};

// {"weights":{"legacy":80,"billing":20}}
std::string WeightsBody(int legacy_weight, int billing_weight);

// The line of /metrics that begins so, braces included: `puente_split_weight`, {split, upstream}.
std::string WeightSeries(const std::string& upstream);

// How far counts are from what shares promise, Pearson's statistic. With one degree of freedom,
// 24 is passed by chance once in a million times.
double ChiSquare(int first, int second, double first_share);
inline constexpr double kChiSquareOnceInAMillion = 23.9;

}  // namespace puente::test
