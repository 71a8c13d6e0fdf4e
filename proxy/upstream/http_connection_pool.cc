#include "proxy/upstream/http_connection_pool.h"

#include <algorithm>
#include <utility>

namespace puente {
namespace {

using std::chrono::steady_clock;

// How long a target that could not be reached comes after those that can.
constexpr auto kAvoidance = std::chrono::seconds(1);
// How often connections that have nothing to do are asked whether they are still there.
constexpr auto kCheckInterval = std::chrono::seconds(1);
// How many may wait. Where that many wait already, a further one would hardly have its turn.
constexpr std::size_t kMostWaiting = 1024;

}  // namespace

HttpConnectionPool::HttpConnectionPool(HttpUpstream& upstream, std::size_t lane,
                                       HostLookup::Post post)
    : owner_(upstream.weak_from_this()),
      upstream_(upstream),
      upstream_id_(upstream.id()),
      places_(upstream.connections_per_lane()),
      idle_timeout_(upstream.idle_timeout()),
      targets_(upstream.target_count()),
      next_target_(lane) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const HostAndPort& server = upstream.target(i);
    targets_[i].lookup = std::make_unique<HostLookup>(server.host, server.port, post);
  }
}

HttpConnectionPool::~HttpConnectionPool() { Close(); }

bool HttpConnectionPool::HasIdle() const {
  return std::ranges::any_of(targets_, [](const Target& target) { return !target.idle.empty(); });
}

HttpConnectionPool::Rank HttpConnectionPool::RankOf(std::size_t target, SteadyTime now) const {
  const bool usable = upstream_.IsUsable(target, now);
  if (now < targets_[target].avoid_until) {
    return usable ? Rank::kUnreachable : Rank::kOutAndUnreachable;
  }
  return usable ? Rank::kWell : Rank::kOut;
}

HttpConnectionPool::Rank HttpConnectionPool::BestRank(SteadyTime now) const {
  Rank best = Rank::kOutAndUnreachable;
  for (std::size_t i = 0; i < targets_.size(); ++i) best = std::min(best, RankOf(i, now));
  return best;
}

bool HttpConnectionPool::HasRoom(const Target& target) const {
  return !target.idle.empty() || target.taken < places_;
}

bool HttpConnectionPool::IsChoice(std::size_t target, Rank best, SteadyTime now) const {
  return RankOf(target, now) == best && HasRoom(targets_[target]);
}

std::optional<HttpConnectionPool::Lease> HttpConnectionPool::Take(bool fresh) {
  if (!waiting_.empty()) return std::nullopt;
  return TakeAgain(fresh);
}

std::optional<HttpConnectionPool::Lease> HttpConnectionPool::TakeAgain(bool fresh) {
  const std::size_t count = targets_.size();
  if (count == 1) {
    return HasRoom(targets_[0]) ? std::optional(TakeFrom(0, fresh)) : std::nullopt;
  }
  const auto now = steady_clock::now();
  const Rank best = BestRank(now);
  std::size_t choices = 0;
  for (std::size_t i = 0; i < count; ++i) choices += IsChoice(i, best, now) ? 1 : 0;
  if (choices == 0) return std::nullopt;
  // In turn among these, so that one that is out leaves its requests to all of them.
  std::size_t before = next_target_++ % choices;
  std::size_t target = 0;
  while (!IsChoice(target, best, now) || before-- > 0) ++target;
  return TakeFrom(target, fresh);
}

HttpConnectionPool::Lease HttpConnectionPool::TakeFrom(std::size_t number, bool fresh) {
  Target& target = targets_[number];
  auto connection = fresh ? nullptr : TakeIdle(target);
  if (!connection) {
    MakeRoom(target);
    ++target.taken;
  }
  return {number, std::move(connection)};
}

// The one that was used last: it is the least likely to be closed soon, and the others may go.
std::shared_ptr<Connection> HttpConnectionPool::TakeIdle(Target& target) {
  while (!target.idle.empty()) {
    auto connection = std::move(target.idle.back().connection);
    target.idle.pop_back();
    // What a server says unasked is no answer to what it is asked next.
    if (connection->transport().IsQuiet()) return connection;
    connection->Close();
    --target.taken;
  }
  return nullptr;
}

void HttpConnectionPool::MakeRoom(Target& target) {
  if (target.taken == places_) CloseFirstIdle(target, 1);
}

void HttpConnectionPool::CloseFirstIdle(Target& target, std::size_t count) {
  const auto end = target.idle.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto idle = target.idle.begin(); idle != end; ++idle) idle->connection->Close();
  target.idle.erase(target.idle.begin(), end);
  target.taken -= count;
}

bool HttpConnectionPool::Wait(Waiter& waiter) {
  if (waiting_.size() >= kMostWaiting) return false;
  waiting_.push_back(&waiter);
  return true;
}

void HttpConnectionPool::Leave(Waiter& waiter) {
  std::erase(waiting_, &waiter);
  if (!waiter.lease) return;
  Lease lease = *std::exchange(waiter.lease, std::nullopt);
  if (lease.connection) {
    Return(std::move(lease));
  } else {
    Release(lease.target);
  }
}

void HttpConnectionPool::Grant() {
  while (!waiting_.empty()) {
    Waiter& first = *waiting_.front();
    first.lease = TakeAgain(first.fresh);
    if (!first.lease) return;
    waiting_.pop_front();
    first.granted.Set();
  }
}

void HttpConnectionPool::Return(Lease lease) {
  if (closed_) {
    lease.connection->Close();
    return Release(lease.target);
  }
  targets_[lease.target].idle.push_back({std::move(lease.connection), steady_clock::now()});
  Grant();
}

void HttpConnectionPool::Release(std::size_t target) {
  --targets_[target].taken;
  Grant();
}

void HttpConnectionPool::NoteUnreachable(std::size_t target) {
  targets_[target].avoid_until = steady_clock::now() + kAvoidance;
  upstream_.Report(target, Outcome::kFailure);
}

void HttpConnectionPool::Sweep(SteadyTime now) {
  const bool check = now >= next_check_;
  if (check) next_check_ = now + kCheckInterval;
  for (Target& target : targets_) {
    const auto kept = std::ranges::find_if(
        target.idle, [&](const Idle& idle) { return now - idle.since < idle_timeout_; });
    CloseFirstIdle(target, static_cast<std::size_t>(kept - target.idle.begin()));
    if (check) CloseEnded(target);
  }
  // Which targets are to be used may have changed.
  Grant();
}

void HttpConnectionPool::CloseEnded(Target& target) {
  target.taken -= std::erase_if(target.idle, [](const Idle& idle) {
    const bool ended = !idle.connection->transport().IsQuiet();
    if (ended) idle.connection->Close();
    return ended;
  });
}

void HttpConnectionPool::Close() {
  closed_ = true;
  for (Target& target : targets_) CloseFirstIdle(target, target.idle.size());
}

}  // namespace puente
