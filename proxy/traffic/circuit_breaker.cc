#include "proxy/traffic/circuit_breaker.h"

#include "config/duration_text.h"

namespace puente {
namespace {

using std::chrono::milliseconds;

// How the word is divided. Milliseconds of a steady clock last for decades in 40 bits, ten years of
// `open_for` included.
constexpr int kPhaseBits = 2;
constexpr int kEraBits = 22;
constexpr std::uint64_t kPhaseMask = (1u << kPhaseBits) - 1;
constexpr std::uint64_t kEraMask = (1u << kEraBits) - 1;

std::uint64_t WholeMilliseconds(CircuitBreaker::TimePoint time) {
  return static_cast<std::uint64_t>(
      std::chrono::floor<milliseconds>(time.time_since_epoch()).count());
}

}  // namespace

std::uint64_t CircuitBreaker::Pack(Word word) {
  return word.value << (kPhaseBits + kEraBits) | (word.era & kEraMask) << kPhaseBits |
         static_cast<std::uint64_t>(word.phase);
}

CircuitBreaker::Word CircuitBreaker::Unpack(std::uint64_t packed) {
  return {static_cast<Phase>(packed & kPhaseMask), packed >> kPhaseBits & kEraMask,
          packed >> (kPhaseBits + kEraBits)};
}

CircuitBreaker::CircuitBreaker(const config::CircuitBreaker& config)
    : failures_(config.failures()),
      open_for_(ToChrono(config.open_for())),
      max_concurrent_(config.max_concurrent()) {}

tl::expected<CircuitBreaker::Permit, CircuitBreaker::Refusal> CircuitBreaker::Admit(TimePoint now) {
  const std::uint64_t seen = word_.load(std::memory_order_relaxed);
  const Word word = Unpack(seen);
  const bool has_time = word.phase == Phase::kOpen || word.phase == Phase::kProbing;
  if (has_time && WholeMilliseconds(now) < word.value) return tl::unexpected(Refusal::kOpen);
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= max_concurrent_) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return tl::unexpected(Refusal::kTooMany);
  }
  if (word.phase == Phase::kClosed) return Permit(*this, word.era, /*is_probe=*/false);
  return AdmitProbe(seen, now);
}

// In flight already.
tl::expected<CircuitBreaker::Permit, CircuitBreaker::Refusal> CircuitBreaker::AdmitProbe(
    std::uint64_t seen, TimePoint now) {
  const Word probing{Phase::kProbing, (Unpack(seen).era + 1) & kEraMask,
                     WholeMilliseconds(now + open_for_)};
  if (word_.compare_exchange_strong(seen, Pack(probing), std::memory_order_relaxed)) {
    return Permit(*this, probing.era, /*is_probe=*/true);
  }
  // Somebody else's call is the probe.
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  return tl::unexpected(Refusal::kOpen);
}

CircuitBreaker::Transition CircuitBreaker::Count(std::uint64_t era, Outcome outcome,
                                                 TimePoint now) {
  std::uint64_t seen = word_.load(std::memory_order_relaxed);
  Word before;
  Word after;
  do {
    before = Unpack(seen);
    if (before.era != era) return Transition::kNone;
    after = After(before, outcome, now);
    if (Pack(after) == seen) return Transition::kNone;
  } while (!word_.compare_exchange_weak(seen, Pack(after), std::memory_order_relaxed));
  if (after.phase == before.phase || after.phase == Phase::kHalfOpen) return Transition::kNone;
  if (after.phase == Phase::kClosed) return Transition::kClosed;
  return before.phase == Phase::kProbing ? Transition::kReopened : Transition::kOpened;
}

// Calls are admitted in two phases only, and each era has one phase.
CircuitBreaker::Word CircuitBreaker::After(Word word, Outcome outcome, TimePoint now) const {
  if (word.phase == Phase::kProbing) {
    if (outcome == Outcome::kFailure) return OpenedAt(word, now);
    const Phase next = outcome == Outcome::kSuccess ? Phase::kClosed : Phase::kHalfOpen;
    return {next, word.era + 1, 0};
  }
  if (outcome == Outcome::kNeutral) return word;
  if (outcome == Outcome::kSuccess) return {word.phase, word.era, 0};
  if (word.value + 1 >= failures_) return OpenedAt(word, now);
  return {word.phase, word.era, word.value + 1};
}

CircuitBreaker::Word CircuitBreaker::OpenedAt(Word word, TimePoint now) const {
  // Rounded up: never for less than `open_for`.
  const TimePoint until = now + open_for_ + milliseconds(1) - TimePoint::duration(1);
  return {Phase::kOpen, word.era + 1, WholeMilliseconds(until)};
}

CircuitBreaker::State CircuitBreaker::state() const {
  switch (Unpack(word_.load(std::memory_order_relaxed)).phase) {
    case Phase::kClosed:
      return State::kClosed;
    case Phase::kOpen:
      return State::kOpen;
    case Phase::kHalfOpen:
    case Phase::kProbing:
      break;
  }
  return State::kHalfOpen;
}

CircuitBreaker::Permit& CircuitBreaker::Permit::operator=(Permit&& other) noexcept {
  if (this == &other) return *this;
  Release();
  breaker_ = std::exchange(other.breaker_, nullptr);
  admitted_in_ = other.admitted_in_;
  is_probe_ = other.is_probe_;
  reported_ = other.reported_;
  return *this;
}

CircuitBreaker::Transition CircuitBreaker::Permit::Report(Outcome outcome, TimePoint now) {
  if (breaker_ == nullptr || std::exchange(reported_, true)) return Transition::kNone;
  return breaker_->Count(admitted_in_, outcome, now);
}

void CircuitBreaker::Permit::Release() {
  if (breaker_ == nullptr) return;
  // What is neutral does not look at the time.
  Report(Outcome::kNeutral, TimePoint());
  breaker_->in_flight_.fetch_sub(1, std::memory_order_relaxed);
  breaker_ = nullptr;
}

}  // namespace puente
