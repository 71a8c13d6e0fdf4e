// The connections of one worker: their deadlines and their end.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <unordered_set>

#include "proxy/http/session.h"

namespace puente {

// Used on the worker's thread only.
class ConnectionRegistry {
 public:
  explicit ConnectionRegistry(asio::io_context& context) : timer_(context) {}

  void Add(Session& session) { sessions_.insert(&session); }
  void Remove(Session& session) { sessions_.erase(&session); }
  std::size_t size() const { return sessions_.size(); }

  // Ends the sessions whose deadline has passed, ten times a second from now on: one timer for all
  // of them, since requests are many and time-outs few.
  void StartSweeping();
  void StopSweeping();

  // For draining: ends the sessions that wait for a next request; also asks those others to end
  // that can be asked; or cuts all of them.
  void CloseIdle();
  void AskToEnd();
  void CloseAll();

 private:
  void Sweep();
  void AwaitNextSweep();

  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer_;
  bool sweeping_ = false;
  std::unordered_set<Session*> sessions_;
};

}  // namespace puente
