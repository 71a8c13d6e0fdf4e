#include "proxy/upstream/http_connection_lease.h"

#include <algorithm>
#include <utility>

namespace puente {
namespace {

auto Unavailable(const char* message) { return Fail(Code::kUnavailable, message, 503); }

auto Unreachable() { return Unavailable("the upstream can't be reached"); }

}  // namespace

HttpConnectionLease::HttpConnectionLease(HttpUpstream& upstream, HttpConnectionPool& pool,
                                         Executor executor, bool fresh)
    : upstream_(upstream), pool_(pool), executor_(executor), fresh_(fresh) {}

bool HttpConnectionLease::TakeIdle() {
  auto lease = pool_.Take(fresh_);
  if (lease) Adopt(*std::move(lease));
  return connection_ != nullptr;
}

Task<Result<void>> HttpConnectionLease::Obtain(SteadyTime deadline) {
  if (!has_place_) {
    const Result<void> granted = co_await AwaitPlace();
    if (!granted || connection_) co_return granted;
  }
  co_return co_await Connect(deadline);
}

Task<Result<void>> HttpConnectionLease::AwaitPlace() {
  granted_.emplace(executor_);
  HttpConnectionPool::Waiter waiter{*granted_, fresh_, std::nullopt};
  if (!pool_.Wait(waiter)) co_return Unavailable("all connections to the upstream are in use");
  co_await granted_->Wait();
  if (ended_ || !waiter.lease) {
    pool_.Leave(waiter);
    co_return Unreachable();
  }
  Adopt(*std::move(waiter.lease));
  co_return Result<void>();
}

void HttpConnectionLease::Adopt(HttpConnectionPool::Lease lease) {
  target_ = lease.target;
  has_place_ = true;
  connection_ = std::move(lease.connection);
  reused_ = connection_ != nullptr;
}

Task<Result<void>> HttpConnectionLease::Connect(SteadyTime deadline) {
  for (std::size_t tries = 1;; ++tries) {
    const bool connected = co_await ConnectOnce(deadline);
    if (connected) co_return Result<void>();
    if (ended_ || tries == upstream_.target_count()) co_return Unreachable();
    auto other = pool_.TakeAgain(fresh_);
    if (!other) co_return Unreachable();
    FreePlace();
    Adopt(*std::move(other));
    if (connection_) co_return Result<void>();
  }
}

Task<bool> HttpConnectionLease::ConnectOnce(SteadyTime deadline) {
  connector_.emplace(upstream_, target_, pool_.lookup(target_), executor_);
  const auto until =
      std::min(deadline, std::chrono::steady_clock::now() + upstream_.connect_timeout());
  HttpConnector::Connected connected = co_await connector_->Connect(until);
  connector_.reset();
  if (connected && ended_) (*connected)->Close();
  if (ended_) co_return false;
  if (!connected) {
    pool_.NoteUnreachable(target_);
    upstream_.ReportUnavailable(connected.error());
    co_return false;
  }
  pool_.NoteConnected(target_);
  connection_ = *std::move(connected);
  co_return true;
}

void HttpConnectionLease::CheckTime(SteadyTime now) {
  if (connector_) connector_->CheckTime(now);
}

void HttpConnectionLease::End() {
  ended_ = true;
  if (granted_) granted_->Set();
  if (connector_) connector_->Cancel();
  if (connection_) connection_->Close();
  FreePlace();
}

void HttpConnectionLease::FreePlace() {
  if (std::exchange(has_place_, false)) pool_.Release(target_);
}

void HttpConnectionLease::GiveBack() {
  has_place_ = false;
  pool_.Return({target_, std::move(connection_)});
}

}  // namespace puente
