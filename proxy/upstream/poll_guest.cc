#include "proxy/upstream/poll_guest.h"

#include <poll.h>

#include <cstdlib>
#include <vector>

// gRPC core, src/core/lib/iomgr/ev_posix.h.
extern int (*grpc_poll_function)(pollfd* descriptors, nfds_t count, int timeout);

namespace puente {
namespace {

thread_local PollGuest* hosted = nullptr;

void RunReady(PollGuest& guest) {
  // What runs there may call poll(2) through gRPC again.
  hosted = nullptr;
  guest.RunReady();
  hosted = &guest;
}

int PollWithGuest(pollfd* descriptors, nfds_t count, int timeout) {
  PollGuest* const guest = hosted;
  if (guest == nullptr) return poll(descriptors, count, timeout);
  if (guest->has_pending()) {
    RunReady(*guest);
    // Operations that it began may be complete already, which gRPC notices before it waits.
    timeout = 0;
  }
  thread_local std::vector<pollfd> together;
  together.assign(descriptors, descriptors + count);
  together.push_back({.fd = guest->descriptor(), .events = POLLIN, .revents = 0});
  int ready = poll(together.data(), together.size(), timeout);
  for (nfds_t i = 0; i < count; ++i) descriptors[i].revents = together[i].revents;
  if (ready > 0 && together.back().revents != 0) {
    RunReady(*guest);
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
