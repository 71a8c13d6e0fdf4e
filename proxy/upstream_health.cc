#include "proxy/upstream_health.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <utility>

#include "config/duration_text.h"
#include "proxy/http/event.h"
#include "proxy/upstream/health_call.h"
#include "proxy/upstream/http_health_probe.h"
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
  std::vector<std::unique_ptr<HealthProbe>> probes;  // by target
  std::size_t pending = 0;                           // of the probes
  std::vector<Event*> waiting;                       // for all of them to end
  steady_clock::time_point ended_at;

  bool Holds(nanoseconds interval) const {
    return pending > 0 || steady_clock::now() - ended_at < interval;
  }
};

// One upstream. What kind it is only the two functions know.
struct UpstreamHealth::Watched {
  std::string name;
  std::string service;
  nanoseconds interval{0};
  std::size_t targets = 0;
  bool by_itself = false;   // asked without anybody's asking for it
  bool is_reported = true;  // to who asks
  std::function<std::unique_ptr<HealthProbe>(std::size_t target)> make_probe;
  std::function<void(std::size_t target, bool healthy)> note_health;
  std::shared_ptr<Round> round;  // the last one; nullptr: none yet
  std::string logged;            // what is known from the log; "": nothing
  Event* pausing = nullptr;      // while it waits to ask again by itself
};

UpstreamHealth::UpstreamHealth(const config::Config& config, const Upstreams& upstreams,
                               grpc::CompletionQueue& queue, HttpLane& lane)
    : queue_(queue), lane_(lane), executor_(lane.executor()) {
  for (const config::Upstream& upstream : config.upstreams()) {
    if (upstream.has_grpc()) {
      Add(upstream.grpc(), upstreams.grpc.at(upstream.name()));
    } else if (upstream.http().has_health_check()) {
      Add(upstream.http().health_check(), upstreams.http.at(upstream.name()));
    }
  }
}

UpstreamHealth::~UpstreamHealth() = default;

void UpstreamHealth::Add(const config::GrpcUpstream& config,
                         const std::shared_ptr<GrpcUpstream>& upstream) {
  auto& watched = *watched_.emplace_back(std::make_unique<Watched>());
  watched.name = upstream->name();
  watched.service = config.health_check().service();
  watched.interval = IntervalOf(config);
  watched.targets = upstream->target_count();
  watched.by_itself = config.has_health_check() && watched.targets > 1;
  watched.make_probe = [this, upstream, service = watched.service](std::size_t target) {
    return std::make_unique<HealthCall>(upstream->ProbeStub(target), queue_, service, kPatience);
  };
  watched.note_health = [upstream](std::size_t target, bool healthy) {
    upstream->NoteHealth(target, healthy);
  };
}

void UpstreamHealth::Add(const config::HttpHealthCheck& check,
                         const std::shared_ptr<HttpUpstream>& upstream) {
  auto& watched = *watched_.emplace_back(std::make_unique<Watched>());
  watched.name = upstream->name();
  watched.interval = ToChrono(check.interval());
  watched.targets = upstream->target_count();
  watched.by_itself = watched.targets > 1;
  watched.is_reported = false;
  std::vector<std::shared_ptr<HttpUpstream>> targets;
  for (std::size_t i = 0; i < watched.targets; ++i) targets.push_back(upstream->ForProbing(i));
  watched.make_probe = [this, targets, path = check.path()](std::size_t target) {
    return std::make_unique<HttpHealthProbe>(*targets[target], lane_, path, kPatience);
  };
  watched.note_health = [upstream](std::size_t target, bool healthy) {
    upstream->NoteHealth(target, healthy);
  };
}

Task<HealthReport> UpstreamHealth::Ask() {
  std::vector<std::shared_ptr<Round>> rounds;
  for (const auto& watched : watched_) {
    if (!watched->is_reported) continue;
    Refresh(*watched);
    rounds.push_back(watched->round);
  }
  HealthReport report;
  for (const auto& round : rounds) {
    co_await Settle(*round);
    report.push_back(round->report);
  }
  co_return report;
}

void UpstreamHealth::Watch() {
  for (const auto& watched : watched_) {
    if (!watched->by_itself) continue;
    ++watching_;
    asio::co_spawn(executor_, WatchOne(*watched), asio::detached);
  }
}

Task<> UpstreamHealth::WatchOne(Watched& watched) {
  while (!stopped_) {
    Refresh(watched);
    const auto round = watched.round;
    co_await Settle(*round);
    Event stopped(executor_);
    watched.pausing = &stopped;
    if (!stopped_) co_await stopped.WaitFor(watched.interval);
    watched.pausing = nullptr;
  }
  --watching_;
}

bool UpstreamHealth::idle() const {
  return watching_ == 0 && std::ranges::all_of(watched_, [](const auto& watched) {
           return !watched->round || watched->round->pending == 0;
         });
}

// Waits until all targets have answered.
Task<> UpstreamHealth::Settle(Round& round) {
  if (round.pending == 0) co_return;
  Event ended(executor_);
  round.waiting.push_back(&ended);
  co_await ended.Wait();
}

// Begins a new round unless the last one still holds.
void UpstreamHealth::Refresh(Watched& watched) {
  if (watched.round && watched.round->Holds(watched.interval)) return;
  const auto round = std::make_shared<Round>();
  round->report = {watched.name, watched.service, {}};
  round->report.targets.resize(watched.targets);
  watched.round = round;
  if (stopped_) return;
  round->pending = watched.targets;
  for (std::size_t i = 0; i < watched.targets; ++i) {
    round->probes.push_back(watched.make_probe(i));
  }
  for (std::size_t i = 0; i < watched.targets; ++i) {
    asio::co_spawn(
        executor_, round->probes[i]->Ask(),
        [this, &watched, round, i](const std::exception_ptr& failure, const TargetHealth& health) {
          if (!failure) Take(watched, *round, i, health);
          if (--round->pending == 0) End(watched, *round);
        });
  }
}

// What was cancelled says nothing.
void UpstreamHealth::Take(Watched& watched, Round& round, std::size_t target,
                          const TargetHealth& health) {
  round.report.targets[target] = health;
  if (!stopped_) watched.note_health(target, IsUp(health.status));
}

void UpstreamHealth::End(Watched& watched, Round& round) {
  round.ended_at = steady_clock::now();
  round.probes.clear();
  for (Event* const event : std::exchange(round.waiting, {})) event->Set();
  if (stopped_) return;
  LogChange(round.report, watched.logged);
  watched.logged = StatusText(round.report);
}

void UpstreamHealth::Stop() {
  stopped_ = true;
  for (const auto& watched : watched_) {
    if (watched->pausing != nullptr) watched->pausing->Set();
    if (!watched->round) continue;
    for (const auto& probe : watched->round->probes) probe->Cancel();
  }
}

}  // namespace puente
