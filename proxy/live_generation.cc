#include "proxy/live_generation.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "config/config_changes.h"
#include "proxy/reload/descriptor_changes.h"
#include "proxy/reload/watched_files.h"

namespace puente {
namespace {

using google::protobuf::util::MessageDifferencer;

// For one line of a log.
std::string Summary(const std::vector<Problem>& problems) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(problems.size(), kShown); ++i) {
    text += (i > 0 ? "; " : "") + ToString(problems[i]);
  }
  if (problems.size() > kShown) text += fmt::format("; and {} more", problems.size() - kShown);
  return text;
}

// Whether the same upstreams are asked for their descriptors, as often.
bool SameReflection(const Generation& a, const Generation& b) {
  const auto& before = a.loaded->config.descriptors().reflection();
  const auto& after = b.loaded->config.descriptors().reflection();
  return std::ranges::equal(before, after, [&](const auto& x, const auto& y) {
    return MessageDifferencer::Equals(x, y) &&
           a.upstreams.grpc.at(x.upstream()) == b.upstreams.grpc.at(y.upstream());
  });
}

}  // namespace

LiveGeneration::LiveGeneration(std::shared_ptr<const Generation> first, ConfigSource source,
                               LiveParts parts)
    : source_(std::move(source)), parts_(std::move(parts)), current_(std::move(first)) {
  RunOn(parts_.control.worker, [this] {
    RestartHealth(*current_);
    PutInForce(*current_->policies, nullptr);
  });
  WatchReflection(*current_);
}

void LiveGeneration::Stop() {
  if (watch_) watch_->Stop();
  RunOn(parts_.control.worker, [this] {
    if (health_) health_->Stop();
  });
}

ReloadReport LiveGeneration::Reload() {
  ReloadReport report;
  bool asks_others = false;
  std::shared_ptr<const Generation> next;
  {
    const std::lock_guard lock(changing_);
    parts_.files.NoteRead();
    const auto loaded = Read(report);
    if (!loaded) RenewCertificates();
    ReflectedDescriptors reflected;
    next = loaded ? Build(loaded, reflected, report) : nullptr;
    asks_others = next && !SameReflection(*current_, *next);
    if (asks_others) ++watch_number_;  // what the watch before still finds is not served
    if (next) reflected_ = std::move(reflected);
    if (next) Publish(next);
    report.applied = next != nullptr;
    NoteOutcome(report);
  }
  // The watch must not be stopped while it waits to serve with what it found.
  if (asks_others) WatchReflection(*next);
  return report;
}

// nullptr, and problems, where it can't be applied.
std::shared_ptr<const LoadedConfig> LiveGeneration::Read(ReloadReport& report) {
  if (!source_.reload) return current_->loaded;
  LoadResult result = source_.reload();
  report.problems = std::move(result.problems);
  // What is wrong may be set right in any of these.
  std::vector<std::string> files = WatchedFiles(source_.file, result.loaded.config);
  if (!report.problems.empty()) {
    std::ranges::copy(WatchedFiles(source_.file, current_->loaded->config),
                      std::back_inserter(files));
  }
  parts_.files.SetFiles(files);
  if (!report.problems.empty()) return nullptr;
  const auto changes = CompareConfigs(current_->loaded->config, result.loaded.config);
  for (const ConfigChange& change : changes) report.changes.push_back(ToString(change));
  report.problems = NeedsRestart(changes, result.loaded.positions);
  if (!report.problems.empty()) return nullptr;
  return std::make_shared<LoadedConfig>(std::move(result.loaded));
}

std::shared_ptr<const Generation> LiveGeneration::Build(
    const std::shared_ptr<const LoadedConfig>& loaded, ReflectedDescriptors& reflected,
    ReloadReport& report) {
  auto certificates = ListenerCertificates::Read(*loaded, report.problems);
  parts_.listeners.CountRefused(certificates);
  Upstreams upstreams =
      MakeUpstreams(*loaded, parts_.workers.size(), &current_->upstreams, report.problems);
  reflected = ReflectedFor(*loaded, upstreams, report.problems);
  auto next = BuildGeneration(loaded, std::move(upstreams), reflected, current_.get(),
                              parts_.metrics, report.problems);
  if (next) CheckDescriptors(*next, report);
  if (!report.problems.empty()) return nullptr;
  RunOn(parts_.control.worker,
        [&] { parts_.listeners.Reconfigure(loaded->config, std::move(certificates)); });
  return next;
}

// A certificate must not expire because something else in the file is wrong.
void LiveGeneration::RenewCertificates() {
  std::vector<Problem> problems;
  auto certificates = ListenerCertificates::Read(*current_->loaded, problems);
  if (!problems.empty()) return;
  RunOn(parts_.control.worker,
        [&] { parts_.listeners.Reconfigure(current_->loaded->config, std::move(certificates)); });
}

void LiveGeneration::CheckDescriptors(const Generation& next, ReloadReport& report) const {
  const DescriptorSet& before = current_->snapshot->descriptors();
  DescriptorChanges changes = CompareDescriptors(before, next.snapshot->descriptors());
  std::ranges::move(changes.others, std::back_inserter(report.changes));
  report.breaking = std::move(changes.breaking);
  const config::Descriptors& config = next.loaded->config.descriptors();
  const bool refuses =
      config.on_breaking_change() == config::Descriptors::ON_BREAKING_CHANGE_REFUSE;
  if (report.breaking.empty() || !refuses) return;
  report.problems.push_back(next.loaded->positions.At(
      "descriptors", fmt::format("{} changes would break clients, and on_breaking_change is REFUSE",
                                 report.breaking.size())));
}

// What is known, and of other upstreams what they say now.
ReflectedDescriptors LiveGeneration::ReflectedFor(const LoadedConfig& loaded,
                                                  const Upstreams& upstreams,
                                                  std::vector<Problem>& problems) const {
  ReflectedDescriptors reflected;
  GrpcUpstreams unknown;
  for (const config::Reflection& reflection : loaded.config.descriptors().reflection()) {
    const std::string& name = reflection.upstream();
    const auto known = reflected_.find(name);
    const auto before = current_->upstreams.grpc.find(name);
    const auto now = upstreams.grpc.find(name);
    const bool is_same = before != current_->upstreams.grpc.end() && now != upstreams.grpc.end() &&
                         before->second == now->second;
    if (is_same && known != reflected_.end()) {
      reflected.insert(*known);
    } else if (now != upstreams.grpc.end() && !is_same) {
      unknown.insert(*now);
    }
  }
  if (!unknown.empty()) reflected.merge(AskUpstreams(loaded, unknown, problems));
  return reflected;
}

void LiveGeneration::NoteOutcome(const ReloadReport& report) {
  parts_.metrics.CountReload(report.applied);
  reload_failed_ = !report.applied;
  std::string failure = report.applied ? "" : Summary(report.problems);
  RunOn(parts_.control.worker, [&] { reload_failure_ = std::move(failure); });
}

std::string LiveGeneration::WhyNotFresh() const {
  if (!reload_failure_.empty()) return reload_failure_;
  return watch_ ? watch_->LastFailure() : "";
}

// Returns when all workers serve with it. What was served before goes on this thread, not on one
// that others wait for.
void LiveGeneration::Publish(std::shared_ptr<const Generation> next) {
  const std::shared_ptr<const Generation> before = current_;
  RunOn(parts_.control.worker, [&] {
    current_ = next;
    if (next->policies != before->policies) PutInForce(*next->policies, before->policies.get());
    if (next->upstreams.made_of != before->upstreams.made_of) RestartHealth(*next);
  });
  for (const auto& worker : parts_.workers) {
    RunOn(worker->worker, [&] { worker->transcoding->Use(next->snapshot); });
  }
}

void LiveGeneration::PutInForce(const RoutePolicies& policies, const RoutePolicies* before) {
  if (before != nullptr) policies.Adopt(before);
  const auto now = std::chrono::steady_clock::now();
  for (const auto& policy : policies.all()) {
    if (policy->rollout) policy->rollout->Begin(now);
  }
}

void LiveGeneration::RestartHealth(const Generation& generation) {
  std::erase_if(retired_, [](const auto& health) { return health->idle(); });
  if (health_) {
    health_->Stop();
    retired_.push_back(std::move(health_));
  }
  Worker& control = parts_.control.worker;
  health_ = std::make_unique<UpstreamHealth>(generation.loaded->config, generation.upstreams,
                                             control.queue(), control.http_lane());
  health_->Watch();
}

void LiveGeneration::WatchReflection(const Generation& generation) {
  if (watch_) watch_->Stop();
  std::shared_ptr<ReflectionWatch> watch;
  const config::Descriptors& descriptors = generation.loaded->config.descriptors();
  if (!descriptors.reflection().empty()) {
    watch = std::make_shared<ReflectionWatch>(
        descriptors, generation.upstreams.grpc, reflected_,
        [this, number = watch_number_.load()](const ReflectedDescriptors& reflected) {
          return ServeWith(reflected, number);
        },
        [this](bool succeeded) {
          if (!succeeded) {
            parts_.metrics.CountReload(false);
          } else if (!reload_failed_) {
            parts_.metrics.NoteUpToDate();
          }
        });
  }
  RunOn(parts_.control.worker, [&] { watch_.swap(watch); });
}

std::optional<std::string> LiveGeneration::ServeWith(const ReflectedDescriptors& reflected,
                                                     std::uint64_t watch_number) {
  const std::lock_guard lock(changing_);
  if (watch_number != watch_number_) return std::nullopt;
  ReloadReport report;
  auto next = WithDescriptors(*current_, reflected, parts_.metrics, report.problems);
  const bool was_complete = current_->snapshot->complete();
  if (next && was_complete) CheckDescriptors(*next, report);
  const bool served = next && report.problems.empty();
  // What completes the API for the first time is no reload.
  if (was_complete || !served) parts_.metrics.CountReload(served);
  if (reload_failed_) parts_.metrics.NoteOutOfDate();
  if (!served) return Summary(report.problems);
  reflected_ = reflected;
  report.applied = true;
  if (was_complete) LogReload(report, "reflection");
  spdlog::info("serving {} routes of {} services", next->snapshot->table().routes().size(),
               next->snapshot->descriptors().services().size());
  Publish(std::move(next));
  return std::nullopt;
}

}  // namespace puente
