// Waits for other descriptors where gRPC waits for its own, so that one thread can serve both.
//
// gRPC's "poll" engine calls poll(2) through a pointer that can be set, without a lock held and
// with nothing of its own under way; this is what hooks in there. The pointer is gRPC core's, not
// of its public interface: docs/decisions/0006-one-thread.md says why it is used, and what else
// would be.
#pragma once

#include <cstddef>

namespace puente {

// What a thread serves while it waits for a completion queue. Used on that thread only.
class PollGuest {
 public:
  // Readable when RunReady has something to do.
  virtual int descriptor() const = 0;
  // Whether RunReady has something to do that the descriptor does not tell.
  virtual bool has_pending() const = 0;
  // Does what is there to do without waiting. It may use gRPC as anyone may, save that it must not
  // wait for a completion queue. Returns how much was done since the last time, here and with what
  // the completion queue gave.
  virtual std::size_t RunReady() = 0;

 protected:
  ~PollGuest() = default;
};

// As long as this exists, grpc::CompletionQueue::Next on this thread serves `guest`, too. One per
// thread at a time.
class PollGuestScope {
 public:
  explicit PollGuestScope(PollGuest& guest);
  ~PollGuestScope();
  PollGuestScope(const PollGuestScope&) = delete;
  PollGuestScope& operator=(const PollGuestScope&) = delete;
};

}  // namespace puente
