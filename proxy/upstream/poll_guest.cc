#include "proxy/upstream/poll_guest.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <thread>
#include <utility>
#include <vector>

// gRPC core, src/core/lib/iomgr/ev_posix.h.
extern int (*grpc_poll_function)(pollfd* descriptors, nfds_t count, int timeout);

namespace puente {
namespace {

thread_local PollGuest* hosted = nullptr;

using Clock = std::chrono::steady_clock;

// How much must be done at once for corks to be worth their system calls; a request alone is
// three or four things.
constexpr std::size_t kMuch = 12;
// A thread that does so much at once, and one thing after the other at this pace, counts as busy:
// more would hardly be possible.
constexpr auto kBusyPace = std::chrono::microseconds(8);
// How often a busy thread looks for more to do. Each look costs system calls, and makes the peers
// wake up once more; so what comes in between is done together.
constexpr auto kBusyPeriod = std::chrono::microseconds(250);

// gRPC writes each call to its connection at once. What begins together is kept back until all has
// begun, and leaves in as few packets as hold it.
class Corks {
 public:
  Corks(std::span<const pollfd> descriptors, bool worthwhile) {
    if (!worthwhile) return;
    for (const pollfd& polled : descriptors) {
      if (Set(polled.fd, 1)) corked_.push_back(polled.fd);
    }
  }
  ~Corks() {
    for (const int descriptor : corked_) Set(descriptor, 0);
    corked_.clear();
  }
  Corks(const Corks&) = delete;
  Corks& operator=(const Corks&) = delete;

 private:
  // False: it is no TCP socket.
  static bool Set(int descriptor, int value) {
    return setsockopt(descriptor, IPPROTO_TCP, TCP_CORK, &value, sizeof value) == 0;
  }

  static thread_local std::vector<int> corked_;
};
thread_local std::vector<int> Corks::corked_;

// What a thread that has a guest does.
struct Rounds {
  Clock::time_point polled_at;
  Clock::time_point ran_at;  // the guest
  bool did_much = false;     // then
  bool is_busy = false;
};

void RunReady(PollGuest& guest, std::span<const pollfd> descriptors, Rounds& rounds) {
  const Corks corks(descriptors, rounds.did_much);
  // What runs there may call poll(2) through gRPC again.
  hosted = nullptr;
  const std::size_t done = guest.RunReady();
  hosted = &guest;
  const auto elapsed = rounds.polled_at - std::exchange(rounds.ran_at, rounds.polled_at);
  rounds.did_much = done >= kMuch;
  rounds.is_busy = rounds.did_much && elapsed < done * kBusyPace;
}

int PollWithGuest(pollfd* descriptors, nfds_t count, int timeout) {
  PollGuest* const guest = hosted;
  if (guest == nullptr) return poll(descriptors, count, timeout);
  thread_local Rounds rounds;
  if (rounds.is_busy) {
    const auto rest = rounds.polled_at + kBusyPeriod - Clock::now();
    if (rest > rest.zero()) std::this_thread::sleep_for(rest);
  }
  thread_local std::vector<pollfd> together;
  together.assign(descriptors, descriptors + count);
  together.push_back({.fd = guest->descriptor(), .events = POLLIN, .revents = 0});
  int ready = poll(together.data(), together.size(), guest->has_pending() ? 0 : timeout);
  for (nfds_t i = 0; i < count; ++i) descriptors[i].revents = together[i].revents;
  const int poll_errno = errno;
  rounds.polled_at = Clock::now();
  const bool guest_is_ready = ready > 0 && together.back().revents != 0;
  if (guest_is_ready) --ready;
  if (guest_is_ready || guest->has_pending()) RunReady(*guest, {descriptors, count}, rounds);
  errno = poll_errno;
  return ready;
}

// Before gRPC starts, which then chooses its engine.
[[maybe_unused]] const bool installed = [] {
  setenv("GRPC_POLL_STRATEGY", "poll", /*overwrite=*/1);
  // With this engine a connection is made only while somebody polls for it: a call, or, when there
  // is none that waits, gRPC itself from time to time, by default every five seconds.
  setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "100", /*overwrite=*/0);
  grpc_poll_function = PollWithGuest;
  return true;
}();

}  // namespace

PollGuestScope::PollGuestScope(PollGuest& guest) { hosted = &guest; }
PollGuestScope::~PollGuestScope() { hosted = nullptr; }

}  // namespace puente
