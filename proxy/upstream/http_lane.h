// What one worker's calls of HTTP upstreams share: connections, buffers and the clock.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "proxy/http/response_head.h"
#include "proxy/upstream/http_connection_pool.h"

namespace puente {

// What a call needs memory for, kept for the next one.
struct HttpCallBuffers {
  HttpResponseHead head;
  std::string output;
};

// One for each worker, which owns it; used on the worker's thread only.
//
// It owns the pools, one for each upstream that was called: their sockets belong to the worker, and
// are closed here. Those of an upstream that is gone, as after a reload, are dropped by the next
// sweep. Sweeping, some forty times a second, is also what ends calls at their deadlines; it rests
// while there is nothing to look at.
class HttpLane {
 public:
  // A call in flight; it leaves the lane by its destruction.
  class Call : public boost::intrusive::list_base_hook<
                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    // Ends what is overdue. Not from within: who waits goes on later.
    virtual void CheckTime(SteadyTime now) = 0;
    virtual void Cancel() = 0;

   protected:
    ~Call() = default;
  };

  // `post` runs a function on the worker's thread, soon (see HostLookup::Post); `index` is the
  // worker's number, from 0.
  HttpLane(Executor executor, HostLookup::Post post, std::size_t index);
  // After Close (save where there has been no call), and after all calls have ended.
  ~HttpLane() = default;
  HttpLane(const HttpLane&) = delete;
  HttpLane& operator=(const HttpLane&) = delete;

  const Executor& executor() const { return executor_; }

  // Closes all connections that have nothing to do, and cancels calls; later ones fail.
  void Close();
  bool closed() const { return closed_; }

  // For calls.
  void Add(Call& call);
  HttpConnectionPool& PoolOf(HttpUpstream& upstream);
  std::unique_ptr<HttpCallBuffers> TakeBuffers();
  void GiveBack(std::unique_ptr<HttpCallBuffers> buffers);

 private:
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;

  void KeepSweeping();
  void Sweep();
  bool HasSomethingToSweep() const;

  const Executor executor_;
  const HostLookup::Post post_;
  const std::size_t index_;
  bool closed_ = false;
  boost::intrusive::list<Call, boost::intrusive::constant_time_size<false>> calls_;
  std::vector<std::unique_ptr<HttpConnectionPool>> pools_;
  std::vector<std::unique_ptr<HttpCallBuffers>> spare_buffers_;
  Timer timer_;
  bool sweeping_ = false;
};

}  // namespace puente
