// The connections of one worker to one HTTP upstream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "proxy/http/connection.h"
#include "proxy/http/event.h"
#include "proxy/http/host_lookup.h"
#include "proxy/upstream/http_upstream.h"

namespace puente {

// Used on the worker's thread only; no locks. It does not keep the upstream alive: whoever has a
// lease or waits for one does.
//
// A worker has so many places for connections to each target. Who makes a request leases a place:
// with a connection that had nothing to do, the one that was used last, or without one, to make it.
// When all places are taken, requests wait for one in turn.
//
// Targets are taken in turn. Those that are usable go before those that outlier detection or health
// checks have put out, and these before those where no connection could be made within the last
// second: one that is out may still answer.
class HttpConnectionPool {
 public:
  struct Lease {
    std::size_t target = 0;
    std::shared_ptr<Connection> connection;  // nullptr: there is none yet
  };

  // One who waits for a lease. `granted` is set when it has one.
  struct Waiter {
    Event& granted;
    const bool fresh;
    std::optional<Lease> lease;
  };

  HttpConnectionPool(HttpUpstream& upstream, std::size_t lane, HostLookup::Post post);
  // Closes the connections that have nothing to do. All leases must have ended.
  ~HttpConnectionPool();
  HttpConnectionPool(const HttpConnectionPool&) = delete;
  HttpConnectionPool& operator=(const HttpConnectionPool&) = delete;

  std::uint64_t upstream_id() const { return upstream_id_; }
  bool UpstreamIsGone() const { return owner_.expired(); }
  bool HasIdle() const;

  // nullopt when it takes waiting. `fresh`: only a place where a connection is to be made; one that
  // has nothing to do is closed for it, if need be.
  std::optional<Lease> Take(bool fresh);
  // The same for one whose turn it has been already: others who wait do not count.
  std::optional<Lease> TakeAgain(bool fresh);
  // Waits in the queue, until granted or Leave. False: too many do.
  bool Wait(Waiter& waiter);
  // Ends the wait; a lease that was granted is given back.
  void Leave(Waiter& waiter);

  // A lease ends: with its connection ready for another request, or without one.
  void Return(Lease lease);
  void Release(std::size_t target);

  // What became of making a connection. That there is none is a failure of the target.
  void NoteConnected(std::size_t target) { targets_[target].avoid_until = SteadyTime::min(); }
  void NoteUnreachable(std::size_t target);
  HostLookup& lookup(std::size_t target) { return *targets_[target].lookup; }

  // Some ten times a second: closes what has had nothing to do for too long, or what the server has
  // closed.
  void Sweep(SteadyTime now);
  // Closes what has nothing to do, and from now on what is returned.
  void Close();

 private:
  struct Idle {
    std::shared_ptr<Connection> connection;
    SteadyTime since;
  };
  struct Target {
    std::unique_ptr<HostLookup> lookup;
    std::size_t taken = 0;   // places, those of idle connections included
    std::vector<Idle> idle;  // the one used last is at the back
    SteadyTime avoid_until = SteadyTime::min();
  };
  // The lower the better.
  enum class Rank { kWell, kOut, kUnreachable, kOutAndUnreachable };

  Rank RankOf(std::size_t target, SteadyTime now) const;
  Rank BestRank(SteadyTime now) const;
  bool HasRoom(const Target& target) const;
  bool IsChoice(std::size_t target, Rank best, SteadyTime now) const;
  Lease TakeFrom(std::size_t target, bool fresh);
  std::shared_ptr<Connection> TakeIdle(Target& target);
  void MakeRoom(Target& target);
  void CloseFirstIdle(Target& target, std::size_t count);
  void CloseEnded(Target& target);
  void Grant();

  const std::weak_ptr<HttpUpstream> owner_;
  HttpUpstream& upstream_;
  const std::uint64_t upstream_id_;
  const std::size_t places_;  // for each target
  const std::chrono::nanoseconds idle_timeout_;
  std::vector<Target> targets_;
  std::size_t next_target_;
  std::deque<Waiter*> waiting_;
  bool closed_ = false;
  SteadyTime next_check_ = SteadyTime::min();
};

}  // namespace puente
