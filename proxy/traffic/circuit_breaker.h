// Stops calls to an upstream that keeps failing, and lets one through now and then to see.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <tl/expected.hpp>
#include <utility>

#include "config/puente.pb.h"
#include "proxy/traffic/failure_kind.h"

namespace puente {

// One for each route and upstream, shared by all workers. Thread-safe and without locks: while all
// is well a call costs one read and two additions of shared words.
//
// It counts failures in a row. After `failures` of them it is open and refuses for `open_for`. Then
// it is half-open: the next call is the probe, and the only one until it has ended, or has said
// nothing for as long as `open_for`: then there is another one. Its success
// closes the breaker, its failure opens it again. What became of a call says something only about
// the state in which the call was admitted: calls that began before the breaker opened neither
// close it nor open it again.
class CircuitBreaker {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  enum class State { kClosed = 0, kOpen = 1, kHalfOpen = 2 };  // as the metric has them
  enum class Refusal {
    kOpen,
    kTooMany,  // `max_concurrent` calls are in flight; says nothing about the upstream
  };
  // What the outcome of a call has brought about. Of all threads one is told, to log it.
  enum class Transition {
    kNone,
    kOpened,    // after `failures` in a row
    kReopened,  // the probe failed
    kClosed,    // the probe succeeded
  };

  // For one call; it counts as in flight until this goes. Moved from, it stands for none. One
  // thread at a time; the breaker outlives it.
  class [[nodiscard]] Permit {
   public:
    Permit(Permit&& other) noexcept
        : breaker_(std::exchange(other.breaker_, nullptr)),
          admitted_in_(other.admitted_in_),
          is_probe_(other.is_probe_),
          reported_(other.reported_) {}
    Permit& operator=(Permit&& other) noexcept;
    // As Report(kNeutral) where nothing was reported.
    ~Permit() { Release(); }

    // The call decides whether the breaker closes again.
    bool is_probe() const { return is_probe_; }

    // What became of the call; the first report counts. A call that may go on for long, a stream,
    // reports its success with the first message: as long as a probe has not reported, all others
    // are refused.
    Transition Report(Outcome outcome, TimePoint now);

   private:
    friend class CircuitBreaker;
    Permit(CircuitBreaker& breaker, std::uint64_t admitted_in, bool is_probe)
        : breaker_(&breaker), admitted_in_(admitted_in), is_probe_(is_probe) {}
    void Release();

    CircuitBreaker* breaker_;
    std::uint64_t admitted_in_;  // the era
    bool is_probe_;
    bool reported_ = false;
  };

  explicit CircuitBreaker(const config::CircuitBreaker& config);
  CircuitBreaker(const CircuitBreaker&) = delete;
  CircuitBreaker& operator=(const CircuitBreaker&) = delete;

  // Whether a call may be made now. At the limit of `max_concurrent`, one that could just about
  // have been made may be refused when several threads ask at the same moment; never is one made
  // that is too many.
  tl::expected<Permit, Refusal> Admit(TimePoint now);

  // Open until a call asks again, also when `open_for` is over.
  State state() const;
  // Failures in a row that open it; calls in flight now.
  std::uint32_t failures() const { return failures_; }
  std::uint32_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

 private:
  // All that calls decide upon is one word, so that it changes at once, and in one order for all
  // threads: nothing else needs to be seen in step with it.
  enum class Phase : std::uint64_t { kClosed, kOpen, kHalfOpen, kProbing };
  struct Word {
    Phase phase;
    std::uint64_t era;  // counts the changes of phase; wraps around after four million
    // Closed: failures in a row; open, or while a probe is under way: until when, in ms of the
    // clock.
    std::uint64_t value;
  };
  static constexpr std::size_t kCacheLine = 64;

  static std::uint64_t Pack(Word word);
  static Word Unpack(std::uint64_t packed);

  tl::expected<Permit, Refusal> AdmitProbe(std::uint64_t seen, TimePoint now);
  Transition Count(std::uint64_t era, Outcome outcome, TimePoint now);
  Word After(Word word, Outcome outcome, TimePoint now) const;
  Word OpenedAt(Word word, TimePoint now) const;

  const std::uint32_t failures_;
  const std::chrono::nanoseconds open_for_;
  const std::uint32_t max_concurrent_;
  // The word is mostly read, the count is written by every call.
  alignas(kCacheLine) std::atomic<std::uint64_t> word_{0};
  alignas(kCacheLine) std::atomic<std::uint32_t> in_flight_{0};
};

}  // namespace puente
