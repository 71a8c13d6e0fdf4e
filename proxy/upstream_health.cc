#include "proxy/upstream_health.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "config/duration_text.h"
#include "proxy/http/event.h"
#include "transcoder/json_writer.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// How long a target may take to answer.
constexpr auto kPatience = std::chrono::seconds(2);
// How long an answer holds of an upstream without health_check.
constexpr auto kDefaultInterval = std::chrono::seconds(1);

nanoseconds IntervalOf(const config::GrpcUpstream& grpc) {
  return grpc.has_health_check() ? ToChrono(grpc.health_check().interval()) : kDefaultInterval;
}

std::vector<std::string_view> TargetStatuses(const UpstreamReport& report) {
  std::vector<std::string_view> names;
  names.reserve(report.targets.size());
  for (const TargetHealth& target : report.targets)
    names.push_back(HealthStatusName(target.status));
  return names;
}

// "SERVING (targets: SERVING, UNREACHABLE)".
std::string StatusText(const UpstreamReport& report) {
  std::string text(HealthStatusName(report.health().status));
  if (report.targets.size() > 1) {
    text += fmt::format(" (targets: {})", fmt::join(TargetStatuses(report), ", "));
  }
  return text;
}

// `before` is "" when nothing was known. A target that is down is worth a warning even where others
// take its place.
void LogChange(const UpstreamReport& report, const std::string& before) {
  const std::string now = StatusText(report);
  const bool well = std::ranges::all_of(
      report.targets, [](const TargetHealth& target) { return IsUp(target.status); });
  if (now == before || (before.empty() && well)) return;
  spdlog::log(well ? spdlog::level::info : spdlog::level::warn, "upstream {} is {}; it was {}",
              report.name, now, before.empty() ? "not asked before" : before);
}

void WriteUpstream(const UpstreamReport& report, JsonWriter& json) {
  const TargetHealth& health = report.health();
  json.Open('{');
  json.Member("name", report.name);
  json.Member("status", HealthStatusName(health.status));
  json.Member("service", report.service);
  if (health.code != Code::kOk) json.Member("code", CodeName(health.code));
  if (health.status == HealthStatus::kUnknown) {
    json.Member("detail", "it has no health service (grpc.health.v1), and counts as up");
  }
  if (report.targets.size() > 1) {
    json.Key("targets");
    json.Open('[');
    for (const std::string_view status : TargetStatuses(report)) json.String(status);
    json.Close();
  }
  json.Close();
}

}  // namespace

const TargetHealth& UpstreamReport::health() const {
  return *std::ranges::min_element(targets, {}, &TargetHealth::status);
}

bool IsUp(const HealthReport& report) {
  return std::ranges::all_of(
      report, [](const UpstreamReport& upstream) { return IsUp(upstream.health().status); });
}

std::string HealthAsJson(const HealthReport& report) {
  JsonWriter json;
  json.Open('{');
  json.Member("status",
              HealthStatusName(IsUp(report) ? HealthStatus::kServing : HealthStatus::kNotServing));
  json.Key("upstreams");
  json.Open('[');
  for (const UpstreamReport& upstream : report) WriteUpstream(upstream, json);
  json.Close();
  json.Close();
  return std::move(json).Finish();
}

// The targets of one upstream are asked once.
struct UpstreamHealth::Round {
  UpstreamReport report;
  std::vector<std::unique_ptr<HealthCall>> calls;  // by target
  std::size_t pending = 0;                         // of the calls
  std::vector<Event*> waiting;                     // for all calls to end
  steady_clock::time_point ended_at;

  bool Holds(nanoseconds interval) const {
    return pending > 0 || steady_clock::now() - ended_at < interval;
  }
};

struct UpstreamHealth::Watched {
  std::shared_ptr<GrpcUpstream> upstream;
  std::string service;
  nanoseconds interval{0};
  std::shared_ptr<Round> round;  // the last one; nullptr: none yet
  std::string logged;            // what is known from the log; "": nothing
};

UpstreamHealth::UpstreamHealth(const config::Config& config, const Upstreams& upstreams,
                               grpc::CompletionQueue& queue, Executor executor)
    : queue_(queue), executor_(std::move(executor)) {
  for (const config::Upstream& upstream : config.upstreams()) {
    if (!upstream.has_grpc()) continue;
    auto& watched = *watched_.emplace_back(std::make_unique<Watched>());
    watched.upstream = upstreams.at(upstream.name());
    watched.service = upstream.grpc().health_check().service();
    watched.interval = IntervalOf(upstream.grpc());
  }
}

UpstreamHealth::~UpstreamHealth() = default;

Task<HealthReport> UpstreamHealth::Ask() {
  std::vector<std::shared_ptr<Round>> rounds;
  for (const auto& watched : watched_) {
    Refresh(*watched);
    rounds.push_back(watched->round);
  }
  HealthReport report;
  for (const auto& round : rounds) {
    if (round->pending > 0) {
      Event ended(executor_);
      round->waiting.push_back(&ended);
      co_await ended.Wait();
    }
    report.push_back(round->report);
  }
  co_return report;
}

// Begins a new round unless the last one still holds.
void UpstreamHealth::Refresh(Watched& watched) {
  if (watched.round && watched.round->Holds(watched.interval)) return;
  const auto round = std::make_shared<Round>();
  GrpcUpstream& upstream = *watched.upstream;
  round->report = {upstream.name(), watched.service, {}};
  round->report.targets.resize(upstream.target_count());
  watched.round = round;
  if (stopped_) return;
  round->pending = upstream.target_count();
  for (std::size_t i = 0; i < upstream.target_count(); ++i) {
    round->calls.push_back(std::make_unique<HealthCall>(upstream.ProbeStub(i), queue_, kPatience));
  }
  for (std::size_t i = 0; i < upstream.target_count(); ++i) {
    asio::co_spawn(
        executor_, round->calls[i]->Ask(watched.service),
        [this, &watched, round, i](const std::exception_ptr& failure, const TargetHealth& health) {
          if (!failure) round->report.targets[i] = health;
          if (--round->pending == 0) End(watched, *round);
        });
  }
}

void UpstreamHealth::End(Watched& watched, Round& round) {
  round.ended_at = steady_clock::now();
  round.calls.clear();
  for (Event* const event : std::exchange(round.waiting, {})) event->Set();
  if (stopped_) return;
  LogChange(round.report, watched.logged);
  watched.logged = StatusText(round.report);
}

void UpstreamHealth::Stop() {
  stopped_ = true;
  for (const auto& watched : watched_) {
    if (!watched->round) continue;
    for (const auto& call : watched->round->calls) call->Cancel();
  }
}

}  // namespace puente
