// A connection for one call: from the pool, or made for it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "proxy/upstream/http_connection_pool.h"
#include "proxy/upstream/http_connector.h"
#include "transcoder/error.h"

namespace puente {

// Pinned; used by one thread, and destroyed only after Obtain has completed.
class HttpConnectionLease {
 public:
  // All of them outlive the lease. `fresh`: only a connection that is made for it.
  HttpConnectionLease(HttpUpstream& upstream, HttpConnectionPool& pool, Executor executor,
                      bool fresh);
  ~HttpConnectionLease() { End(); }
  HttpConnectionLease(const HttpConnectionLease&) = delete;
  HttpConnectionLease& operator=(const HttpConnectionLease&) = delete;

  // Takes a connection that has nothing to do. False: Obtain has to find one.
  bool TakeIdle();
  // Waits for a place in the pool, and makes a connection by `deadline` and within the upstream's
  // connect timeout. A target that can't be reached has not got the request, so the others are
  // tried. Errors: 503; anything after End.
  Task<Result<void>> Obtain(SteadyTime deadline);
  // Ends what is overdue of Obtain; called every few milliseconds.
  void CheckTime(SteadyTime now);

  // nullptr until there is one, and after GiveBack.
  const std::shared_ptr<Connection>& connection() const { return connection_; }
  // Whether the connection had been used before.
  bool reused() const { return reused_; }
  // Where the connection goes to; the last one that was tried, if none was reached.
  std::size_t target() const { return target_; }

  // Whether it is neither ended nor given back.
  bool held() const { return has_place_; }
  // Closes the connection. An Obtain under way ends soon, with an error.
  void End();
  // The connection is ready for another request.
  void GiveBack();

 private:
  Task<Result<void>> AwaitPlace();
  Task<Result<void>> Connect(SteadyTime deadline);
  Task<bool> ConnectOnce(SteadyTime deadline);
  void Adopt(HttpConnectionPool::Lease lease);
  void FreePlace();

  HttpUpstream& upstream_;
  HttpConnectionPool& pool_;
  const Executor executor_;
  const bool fresh_;
  std::optional<Event> granted_;
  std::optional<HttpConnector> connector_;
  std::shared_ptr<Connection> connection_;
  std::size_t target_ = 0;
  bool has_place_ = false;  // in the pool
  bool reused_ = false;
  bool ended_ = false;
};

}  // namespace puente
