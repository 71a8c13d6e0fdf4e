#include "proxy/admin_handler.h"

#include <chrono>
#include <utility>

#include "config/address.h"
#include "proxy/admin_path.h"
#include "proxy/http/event.h"
#include "proxy/route_listing.h"
#include "proxy/split_control.h"
#include "proxy/telemetry/metrics/open_metrics.h"
#include "proxy/traffic_metrics.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kRolloutPrefix = "rollout/";
constexpr std::string_view kDifferences = "differences";

Response Text(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", {}, std::move(body)};
}

Response Json(std::string body) {
  return {200, "application/json", {{"Cache-Control", "no-store"}}, std::move(body)};
}

Response NoSuchSplit() {
  return ErrorResponse({Code::kNotFound, "there is no split with this name", 0, {}, {}});
}

bool Takes(std::string_view methods, std::string_view method) {
  const std::size_t at = methods.find(method);
  if (at == methods.npos) return false;
  const std::size_t end = at + method.size();
  return (at == 0 || methods[at - 1] == ' ') && (end == methods.size() || methods[end] == ',');
}

// A page of another site in the operator's browser.
bool IsForeign(const RequestHead& head) {
  const std::string_view* origin = FindHeader(head.headers, "origin");
  if (origin == nullptr) return false;
  const std::size_t scheme_end = origin->find("://");
  return scheme_end == origin->npos || origin->substr(scheme_end + 3) != head.host;
}

Response SplitResponse(const RoutePolicy& policy) {
  Response response = Json(DescribeSplit(policy, steady_clock::now()));
  response.headers.push_back({"ETag", policy.split->State().etag});
  return response;
}

// Those of a route that compares nothing are there, and none.
Response DifferencesResponse(const RoutePolicy& policy) {
  std::string json;
  if (policy.shadow) {
    policy.shadow->differences->AppendJson(json);
  } else {
    DifferenceLog().AppendJson(json);
  }
  return Json(std::move(json));
}

// Names of all splits.
std::string SplitsAsJson(const RoutePolicies& policies) {
  std::string json = "{\"splits\": [";
  std::string_view separator = "\n";
  for (const auto& policy : policies.all()) {
    if (!policy->split) continue;
    json += separator;
    json += DescribeSplit(*policy, steady_clock::now());
    separator = ",\n";
  }
  json += "]}\n";
  return json;
}

}  // namespace

Task<> AdminHandler::Handle(Exchange& exchange) {
  Response response = co_await Answer(exchange);
  co_await exchange.Respond(std::move(response));
}

Task<> AdminHandler::Refuse(Exchange& exchange, const Error& error) {
  Response response = ErrorResponse(error);
  co_await exchange.Respond(std::move(response));
}

Task<Response> AdminHandler::Answer(Exchange& exchange) {
  const RequestHead& head = exchange.head();
  const std::string path = PercentDecode(head.target.substr(0, head.target.find('?')));
  const std::string_view methods = MethodsOf(path);
  if (methods.empty()) {
    co_return ErrorResponse({Code::kNotFound, "no such admin endpoint", 0, {}, {}});
  }
  if (!Takes(methods, head.method)) {
    co_return ErrorResponse({Code::kUnimplemented,
                             "this endpoint takes " + std::string(methods),
                             405,
                             {},
                             {{"Allow", std::string(methods)}}});
  }
  if (head.method == "GET" || head.method == "HEAD") co_return co_await Get(path, head);
  if (IsForeign(head)) {
    co_return ErrorResponse(
        {Code::kPermissionDenied, "a page of another origin may change nothing", 0, {}, {}});
  }
  co_return co_await Change(path, exchange);
}

Task<Response> AdminHandler::Get(std::string_view path, const RequestHead& head) {
  if (path == "/healthz") co_return Text(200, "ok\n");
  if (path == "/readyz") co_return Readiness();
  if (path == "/health/grpc") co_return co_await GrpcHealth();
  if (path == "/metrics") co_return Exposed(head);
  if (path == "/splits") co_return Json(SplitsAsJson(*state_.generation()->policies));
  if (path.starts_with(kSplitsPrefix)) co_return GetSplit(path);
  const auto generation = state_.generation();
  co_return Response{200,
                     "application/json",
                     {},
                     RoutesAsJson(generation->snapshot->table(), generation->loaded->config)};
}

Task<Response> AdminHandler::Change(std::string_view path, Exchange& exchange) {
  if (path == "/reload") co_return co_await Reload();
  if (path == "/drain") {
    state_.drain();
    co_return Text(200, "draining\n");
  }
  co_return co_await ChangeSplit(path, exchange);
}

Response AdminHandler::Readiness() const {
  const std::string reason = state_.not_ready();
  if (!reason.empty()) return Text(503, reason + "\n");
  const std::string failure = state_.refresh_failure();
  if (failure.empty()) return Text(200, "ready\n");
  return Text(200, "ready; the last refresh failed: " + failure + "\n");
}

Response AdminHandler::Exposed(const RequestHead& head) const {
  const Exposition exposition =
      PrefersOpenMetrics(head.headers) ? Exposition::kOpenMetrics : Exposition::kPrometheus;
  return {
      200,
      std::string(Metrics::ContentType(exposition)),
      {{"Vary", "Accept"}},
      state_.metrics->Render(exposition, CollectTrafficMetrics(*state_.generation()->policies))};
}

Task<Response> AdminHandler::GrpcHealth() {
  const HealthReport report = co_await state_.upstream_health().Ask();
  const int status = IsUp(report) ? 200 : 503;
  co_return Response{
      status, "application/json", {{"Cache-Control", "no-store"}}, HealthAsJson(report)};
}

Response AdminHandler::GetSplit(std::string_view path) const {
  const auto generation = state_.generation();
  const SplitPath split = TakeSplitPath(path);
  const RoutePolicy* policy = generation->policies->WithSplit(split.name);
  if (policy == nullptr) return NoSuchSplit();
  if (split.rest.empty()) return SplitResponse(*policy);
  return DifferencesResponse(*policy);
}

Task<Response> AdminHandler::ChangeSplit(std::string_view path, Exchange& exchange) {
  const Result<std::string> body = co_await exchange.ReadBody();
  if (!body) co_return ErrorResponse(body.error());
  // After the body: a reload may come while it arrives.
  const auto generation = state_.generation();
  const SplitPath split = TakeSplitPath(path);
  const RoutePolicy* policy = generation->policies->WithSplit(split.name);
  if (policy == nullptr) co_return NoSuchSplit();
  const auto now = steady_clock::now();
  if (split.rest == kDifferences) {
    ClearDifferences(*policy);
    co_return DifferencesResponse(*policy);
  }
  Result<void> done;
  if (split.rest == "rollback") {
    RollBackSplit(*policy);
  } else if (split.rest.starts_with(kRolloutPrefix)) {
    done = DriveRollout(*policy, split.rest.substr(kRolloutPrefix.size()), now);
  } else {
    const std::string_view* if_match = FindHeader(exchange.head().headers, "if-match");
    done = PutWeights(*policy, *body, if_match == nullptr ? std::nullopt : std::optional(*if_match),
                      now);
  }
  if (!done) co_return ErrorResponse(done.error());
  co_return SplitResponse(*policy);
}

Task<Response> AdminHandler::Reload() {
  struct Outcome {
    explicit Outcome(Executor executor) : done(executor) {}
    Event done;
    ReloadReport report;
  };
  const auto outcome = std::make_shared<Outcome>(state_.executor);
  state_.reload("POST /reload", [outcome, post = state_.post](const ReloadReport& report) {
    post([outcome, report] {
      outcome->report = report;
      outcome->done.Set();
    });
  });
  co_await outcome->done.Wait();
  co_return ReloadResponse(outcome->report);
}

}  // namespace puente
