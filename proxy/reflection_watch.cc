#include "proxy/reflection_watch.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "config/duration_text.h"
#include "proxy/upstream/reflection_client.h"

namespace puente {
namespace {

constexpr std::chrono::nanoseconds kFirstBackoff = std::chrono::milliseconds(500);
constexpr std::chrono::nanoseconds kLongestBackoff = std::chrono::seconds(5);

}  // namespace

ReflectionWatch::ReflectionWatch(const config::Descriptors& descriptors, const Upstreams& upstreams,
                                 Apply apply)
    : apply_(std::move(apply)) {
  for (const config::Reflection& reflection : descriptors.reflection()) {
    sources_.push_back({.upstream = upstreams.find(reflection.upstream())->second,
                        .refresh = ToChrono(reflection.refresh()),
                        .backoff = kFirstBackoff,
                        .due = Clock::now(),
                        .failure = "it has not answered yet"});
  }
  waiting_ = Missing();
  thread_ = std::jthread([this](std::stop_token stop) { Run(std::move(stop)); });
}

ReflectionWatch::~ReflectionWatch() = default;

void ReflectionWatch::Stop() {
  thread_.request_stop();
  thread_.join();
}

std::string ReflectionWatch::WaitingFor() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

void ReflectionWatch::SetWaiting(std::string reason) {
  const std::lock_guard lock(mutex_);
  waiting_ = std::move(reason);
}

void ReflectionWatch::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    bool changed = false;
    for (Source& source : sources_) {
      if (source.due <= Clock::now() && Ask(source, stop)) changed = true;
    }
    if (stop.stop_requested()) return;
    if (changed) ApplyAll();
    if (!served_ && !Missing().empty()) SetWaiting(Missing());
    const auto next = std::ranges::min_element(sources_, {}, &Source::due)->due;
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, stop, next, [] { return false; });
  }
}

bool ReflectionWatch::Ask(Source& source, std::stop_token stop) {
  auto set = AskReflection(*source.upstream, stop);
  if (stop.stop_requested()) return false;
  if (!set) {
    NoteFailure(source, set.error());
    return false;
  }
  source.failure.clear();
  source.backoff = kFirstBackoff;
  source.due =
      source.refresh.count() > 0 ? Clock::now() + source.refresh : Clock::time_point::max();
  std::string& known = reflected_[source.upstream->name()];
  if (known == set->bytes) return false;
  known = std::move(set->bytes);
  spdlog::info("upstream {}: reflection gave {} files with {} services", source.upstream->name(),
               set->files, set->services);
  return true;
}

void ReflectionWatch::NoteFailure(Source& source, const std::string& reason) {
  source.due = Clock::now() + source.backoff;
  source.backoff = std::min(2 * source.backoff, kLongestBackoff);
  if (source.failure == reason) return;
  source.failure = reason;
  spdlog::warn("upstream {}: no descriptors by reflection: {}", source.upstream->name(), reason);
}

std::string ReflectionWatch::Missing() const {
  for (const Source& source : sources_) {
    const std::string& name = source.upstream->name();
    if (reflected_.contains(name)) continue;
    return fmt::format("waiting for descriptors from upstream {}: {}", name, source.failure);
  }
  return "";
}

void ReflectionWatch::ApplyAll() {
  const std::optional<std::string> problem = apply_(reflected_);
  if (problem) {
    spdlog::error("the descriptors from reflection can't be served{}: {}",
                  served_ ? "; those before stay" : "", *problem);
    if (!served_)
      SetWaiting(fmt::format("waiting for descriptors that can be served: {}", *problem));
  } else if (Missing().empty()) {
    served_ = true;
    SetWaiting("");
  }
}

}  // namespace puente
