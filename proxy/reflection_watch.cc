#include "proxy/reflection_watch.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "config/duration_text.h"

namespace puente {
namespace {

constexpr std::chrono::nanoseconds kFirstBackoff = std::chrono::milliseconds(500);
constexpr std::chrono::nanoseconds kLongestBackoff = std::chrono::seconds(5);

}  // namespace

ReflectionWatch::ReflectionWatch(const config::Descriptors& descriptors,
                                 const GrpcUpstreams& upstreams, const ReflectedDescriptors& known,
                                 Apply apply, Refreshed refreshed)
    : apply_(std::move(apply)), refreshed_(std::move(refreshed)) {
  for (const config::Reflection& reflection : descriptors.reflection()) {
    sources_.push_back({.upstream = upstreams.find(reflection.upstream())->second,
                        .refresh = ToChrono(reflection.refresh()),
                        .backoff = kFirstBackoff,
                        .failure = "it has not answered yet"});
    const auto said = known.find(reflection.upstream());
    if (said == known.end()) continue;
    sources_.back().failure.clear();
    reflected_.insert(*said);
  }
  served_ = reflected_.size() == sources_.size();
  UpdateState();
  for (Source& source : sources_) {
    threads_.emplace_back([this, &source](std::stop_token stop) { Run(source, std::move(stop)); });
  }
}

ReflectionWatch::~ReflectionWatch() { Stop(); }

void ReflectionWatch::Stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

std::string ReflectionWatch::WaitingFor() const {
  const std::lock_guard lock(state_mutex_);
  return waiting_;
}

std::string ReflectionWatch::LastFailure() const {
  const std::lock_guard lock(state_mutex_);
  return last_failure_;
}

void ReflectionWatch::Run(Source& source, std::stop_token stop) {
  while (!stop.stop_requested()) {
    auto set = AskReflection(*source.upstream, stop);
    if (stop.stop_requested()) return;
    auto pause = source.refresh;
    if (set) {
      Take(source, *std::move(set));
      if (source.refresh.count() == 0) return;
    } else {
      pause = source.backoff;
      NoteFailure(source, set.error());
    }
    std::unique_lock lock(sleeping_);
    wake_.wait_for(lock, stop, pause, [] { return false; });
  }
}

void ReflectionWatch::Take(Source& source, ReflectedSet set) {
  const std::lock_guard lock(mutex_);
  source.failure.clear();
  source.backoff = kFirstBackoff;
  if (source.missing != set.missing && !set.missing.empty()) {
    spdlog::warn("upstream {}: reflection lists what it has no descriptors of: {}",
                 source.upstream->name(), set.missing);
  }
  source.missing = set.missing;
  std::string& known = reflected_[source.upstream->name()];
  if (known == set.bytes) {
    UpdateState();
    if (served_ && LastFailure().empty()) refreshed_(true);
    return;
  }
  known = std::move(set.bytes);
  spdlog::info("upstream {}: reflection gave {} files, {} services", source.upstream->name(),
               set.files, set.services);
  ApplyAll();
}

void ReflectionWatch::NoteFailure(Source& source, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  source.backoff = std::min(2 * source.backoff, kLongestBackoff);
  if (served_) refreshed_(false);
  if (source.failure == reason) return;
  source.failure = reason;
  spdlog::warn("upstream {}: no descriptors by reflection: {}", source.upstream->name(), reason);
  UpdateState();
}

void ReflectionWatch::ApplyAll() {
  problem_ = apply_(reflected_).value_or("");
  if (!problem_.empty()) {
    spdlog::error("the descriptors from reflection can't be served{}: {}",
                  served_ ? "; those before stay" : "", problem_);
  } else if (reflected_.size() == sources_.size()) {
    served_ = true;
  }
  UpdateState();
}

void ReflectionWatch::UpdateState() {
  const std::string reason = WhyIncomplete();
  const std::lock_guard lock(state_mutex_);
  waiting_ = served_ ? "" : reason;
  last_failure_ = served_ ? reason : "";
}

std::string ReflectionWatch::WhyIncomplete() const {
  for (const Source& source : sources_) {
    const std::string& name = source.upstream->name();
    if (served_ && !source.failure.empty()) {
      return fmt::format("no descriptors from upstream {}: {}", name, source.failure);
    }
    if (reflected_.contains(name)) continue;
    return fmt::format("waiting for descriptors from upstream {}: {}", name, source.failure);
  }
  if (problem_.empty() || served_) return problem_;
  return fmt::format("waiting for descriptors that can be served: {}", problem_);
}

}  // namespace puente
