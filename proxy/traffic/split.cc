#include "proxy/traffic/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "config/duration_text.h"
#include "proxy/traffic/if_match.h"
#include "proxy/traffic/requested_weights.h"
#include "proxy/traffic/weighted_choice.h"

namespace puente {
namespace {

constexpr int kPreconditionFailed = 412;
constexpr std::string_view kFromFile = "as in the configuration file";

std::vector<std::string> BackendsOf(const config::Split& file) {
  std::vector<std::string> names;
  for (const config::Backend& backend : file.backends()) names.push_back(backend.upstream());
  return names;
}

Weights WeightsOfFile(const config::Split& file) {
  Weights weights;
  for (const config::Backend& backend : file.backends()) weights.push_back(backend.weight());
  return weights;
}

std::vector<std::uint64_t> SeedsOf(const config::Split& file) {
  std::vector<std::uint64_t> seeds;
  for (const config::Backend& backend : file.backends()) {
    seeds.push_back(BackendSeed(file.name(), backend.upstream()));
  }
  return seeds;
}

std::string WhyOf(const WeightsRequest& request) {
  if (!request.ttl) return "set by an administrator";
  return "set by an administrator for " + FormatDuration(*request.ttl);
}

}  // namespace

Split::Split(const config::Split& file, std::uint64_t lineage)
    : name_(file.name()),
      backends_(BackendsOf(file)),
      seeds_(SeedsOf(file)),
      lineage_(lineage),
      shared_(WeightsOfFile(file)),
      file_weights_(WeightsOfFile(file)),
      current_{file_weights_, WeightSource::kFile, std::string(kFromFile)},
      settled_(current_) {}

std::shared_ptr<Split> Split::Next(const config::Split& file, std::shared_ptr<Split> previous,
                                   std::uint64_t lineage) {
  if (!previous) return std::make_shared<Split>(file, lineage);
  if (previous->name_ == file.name() && previous->backends_ == BackendsOf(file)) return previous;
  auto next = std::make_shared<Split>(file, previous->lineage_);
  next->ContinueFrom(previous->State());
  return next;
}

void Split::Adopt(const config::Split& file, const Split* previous) {
  if (previous != nullptr && previous != this) ContinueFrom(previous->State());
  const std::lock_guard lock(mutex_);
  Weights weights = WeightsOfFile(file);
  if (weights == file_weights_) return;
  file_weights_ = weights;
  Set({std::move(weights), WeightSource::kFile, std::string(kFromFile)});
}

void Split::ContinueFrom(const SplitState& previous) {
  const std::lock_guard lock(mutex_);
  generation_ = std::max(generation_, previous.generation + 1);
  last_rollback_ = previous.last_rollback;
}

std::size_t Split::Choose(std::uint64_t caller) const {
  return ChooseWeighted(caller, seeds_, shared_.Load().all());
}

std::size_t Split::ChooseAmong(std::uint64_t caller, std::uint32_t candidates) const {
  const WeightsNow now = shared_.Load();
  std::array<std::uint32_t, kMostBackends> weights{};
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < seeds_.size(); ++i) {
    if (candidates >> i & 1) sum += weights[i] = now.all()[i];
  }
  if (sum == 0) return static_cast<std::size_t>(std::countr_zero(candidates));
  return ChooseWeighted(caller, seeds_, std::span(weights).first(seeds_.size()));
}

std::optional<std::size_t> Split::Find(std::string_view upstream) const {
  const auto found = std::ranges::find(backends_, upstream);
  if (found == backends_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - backends_.begin());
}

Result<SplitState> Split::Put(const WeightsRequest& request,
                              std::optional<std::string_view> if_match, Time now) {
  Result<Weights> weights = RequestedWeights(request, backends_);
  if (!weights) return tl::unexpected(std::move(weights.error()));
  const std::lock_guard lock(mutex_);
  if (Result<void> match = CheckMatch(if_match); !match) {
    return tl::unexpected(std::move(match.error()));
  }
  std::optional<Time> expires;
  if (request.ttl) expires = now + *request.ttl;
  Set({*std::move(weights), WeightSource::kAdmin, WhyOf(request)}, expires);
  return LockedState();
}

bool Split::Expire(Time now) {
  const std::lock_guard lock(mutex_);
  if (!expires_ || now < *expires_) return false;
  Change before = settled_;
  before.why = "back to what was before, as the ttl has ended";
  Set(std::move(before));
  return true;
}

void Split::SetByRollout(Weights weights, std::string why) {
  const std::lock_guard lock(mutex_);
  Set({std::move(weights), WeightSource::kRollout, std::move(why)});
}

void Split::RestoreFile(std::string why) {
  const std::lock_guard lock(mutex_);
  Set({file_weights_, WeightSource::kFile, std::move(why)});
}

void Split::RollBack(Weights weights, RollbackNote note) {
  const std::lock_guard lock(mutex_);
  last_rollback_ = std::move(note);
  Set({std::move(weights), WeightSource::kRollback, last_rollback_->message});
}

SplitState Split::State() const {
  const std::lock_guard lock(mutex_);
  return LockedState();
}

void Split::Set(Change change, std::optional<Time> expires) {
  current_ = std::move(change);
  if (!expires) settled_ = current_;
  expires_ = expires;
  ++generation_;
  shared_.Store(current_.weights);
}

Result<void> Split::CheckMatch(std::optional<std::string_view> if_match) const {
  if (!if_match || MatchesETag(*if_match, ETag())) return {};
  return tl::unexpected(Error{Code::kFailedPrecondition,
                              "the split has changed: its ETag is not the one of If-Match",
                              kPreconditionFailed,
                              {},
                              {{"ETag", ETag()}}});
}

std::string Split::ETag() const { return fmt::format("\"{}-{:x}\"", generation_, lineage_); }

SplitState Split::LockedState() const {
  return {name_,        backends_,   file_weights_, current_.weights, current_.source,
          current_.why, generation_, ETag(),        expires_,         last_rollback_};
}

}  // namespace puente
