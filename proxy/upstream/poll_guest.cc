#include "proxy/upstream/poll_guest.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdlib>
#include <span>
#include <vector>

// gRPC core, src/core/lib/iomgr/ev_posix.h.
extern int (*grpc_poll_function)(pollfd* descriptors, nfds_t count, int timeout);

namespace puente {
namespace {

thread_local PollGuest* hosted = nullptr;

// gRPC writes each call to its connection at once. What begins together is kept back until all has
// begun, and leaves in as few packets as hold it.
class Corks {
 public:
  explicit Corks(std::span<const pollfd> descriptors) {
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

void RunReady(PollGuest& guest, std::span<const pollfd> descriptors) {
  const Corks corks(descriptors);
  // What runs there may call poll(2) through gRPC again.
  hosted = nullptr;
  guest.RunReady();
  hosted = &guest;
}

int PollWithGuest(pollfd* descriptors, nfds_t count, int timeout) {
  PollGuest* const guest = hosted;
  if (guest == nullptr) return poll(descriptors, count, timeout);
  if (guest->has_pending()) {
    RunReady(*guest, {descriptors, count});
    // Operations that it began may be complete already, which gRPC notices before it waits.
    timeout = 0;
  }
  thread_local std::vector<pollfd> together;
  together.assign(descriptors, descriptors + count);
  together.push_back({.fd = guest->descriptor(), .events = POLLIN, .revents = 0});
  int ready = poll(together.data(), together.size(), timeout);
  for (nfds_t i = 0; i < count; ++i) descriptors[i].revents = together[i].revents;
  if (ready > 0 && together.back().revents != 0) {
    RunReady(*guest, {descriptors, count});
    --ready;
  }
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
