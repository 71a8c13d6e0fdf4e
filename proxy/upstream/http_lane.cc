#include "proxy/upstream/http_lane.h"

#include <algorithm>
#include <utility>

namespace puente {
namespace {

using std::chrono::steady_clock;

constexpr auto kSweepInterval = std::chrono::milliseconds(25);
// Of buffers that are kept: how many, and how large each may be.
constexpr std::size_t kMostSpareBuffers = 256;
constexpr std::size_t kLargestSpareBuffer = 16384;

}  // namespace

HttpLane::HttpLane(Executor executor, HostLookup::Post post, std::size_t index)
    : executor_(executor), post_(std::move(post)), index_(index), timer_(executor) {}

void HttpLane::Close() {
  closed_ = true;
  timer_.cancel();
  for (Call& call : calls_) call.Cancel();
  for (auto& pool : pools_) pool->Close();
}

void HttpLane::Add(Call& call) {
  calls_.push_back(call);
  if (closed_) call.Cancel();
  if (!sweeping_ && !closed_) KeepSweeping();
}

HttpConnectionPool& HttpLane::PoolOf(HttpUpstream& upstream) {
  for (auto& pool : pools_) {
    if (pool->upstream_id() == upstream.id()) return *pool;
  }
  return *pools_.emplace_back(std::make_unique<HttpConnectionPool>(upstream, index_, post_));
}

std::unique_ptr<HttpCallBuffers> HttpLane::TakeBuffers() {
  if (spare_buffers_.empty()) return std::make_unique<HttpCallBuffers>();
  auto buffers = std::move(spare_buffers_.back());
  spare_buffers_.pop_back();
  return buffers;
}

void HttpLane::GiveBack(std::unique_ptr<HttpCallBuffers> buffers) {
  const std::size_t largest = std::max(buffers->head.raw.capacity(), buffers->output.capacity());
  if (spare_buffers_.size() >= kMostSpareBuffers || largest > kLargestSpareBuffer) return;
  buffers->head.Clear();
  spare_buffers_.push_back(std::move(buffers));
}

void HttpLane::KeepSweeping() {
  sweeping_ = true;
  timer_.expires_after(kSweepInterval);
  timer_.async_wait([this](boost::system::error_code ec) {
    sweeping_ = false;
    if (ec || closed_) return;
    Sweep();
    if (HasSomethingToSweep()) KeepSweeping();
  });
}

void HttpLane::Sweep() {
  const auto now = steady_clock::now();
  for (Call& call : calls_) call.CheckTime(now);
  std::erase_if(pools_, [](const auto& pool) { return pool->UpstreamIsGone(); });
  for (auto& pool : pools_) pool->Sweep(now);
}

bool HttpLane::HasSomethingToSweep() const {
  return !calls_.empty() ||
         std::ranges::any_of(pools_, [](const auto& pool) { return pool->HasIdle(); });
}

}  // namespace puente
