#include "bench/load/load_run.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace puente::bench {
namespace {

using std::chrono::nanoseconds;

// What is under way at the end may take so long.
constexpr std::chrono::seconds kLast{5};
constexpr int kEventsAtOnce = 64;

timespec ToTimespec(nanoseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

}  // namespace

LoadRun::LoadRun(LoadPlan plan) : plan_(std::move(plan)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  for (int i = 0; i < plan_.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>(plan_.port, epoll_));
    idle_.push_back({connections_.back().get(), {}});
  }
}

LoadRun::~LoadRun() { ::close(epoll_); }

LoadResult LoadRun::Run() {
  begin_ = Clock::now();
  end_ = begin_ + plan_.duration;
  auto now = begin_;
  while (Unfinished(now)) {
    SendDue(now);
    Wait(now);
    now = Clock::now();
  }
  result_.elapsed = now - begin_;
  CountUnanswered(now);
  return std::move(result_);
}

bool LoadRun::Unfinished(Clock::time_point now) const {
  if (now < end_) return true;
  const bool all_sent = plan_.rate == 0 || NextDue() >= end_;
  return now < end_ + kLast && !(all_sent && idle_.size() == connections_.size());
}

Clock::time_point LoadRun::NextDue() const {
  const std::chrono::duration<double> after(static_cast<double>(sent_) / plan_.rate);
  return begin_ + std::chrono::duration_cast<nanoseconds>(after);
}

void LoadRun::SendDue(Clock::time_point now) {
  while (!idle_.empty()) {
    const auto due = plan_.rate > 0 ? NextDue() : now;
    if (due > now || due >= end_) return;
    const auto [connection, since] = idle_.front();
    idle_.pop_front();
    if (since <= due) result_.lateness.push_back(now - due);
    connection->Send(plan_.request, due);
    ++sent_;
  }
}

void LoadRun::Wait(Clock::time_point now) {
  const bool on_timetable = plan_.rate > 0 && !idle_.empty() && now < end_;
  const auto until = on_timetable ? std::min(NextDue(), end_) : (now < end_ ? end_ : end_ + kLast);
  const timespec timeout = ToTimespec(std::max(until - now, nanoseconds(0)));
  std::array<epoll_event, kEventsAtOnce> events;
  const int count = ::epoll_pwait2(epoll_, events.data(), kEventsAtOnce, &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (connection.Proceed()) Answered(connection);
  }
}

void LoadRun::Answered(Connection& connection) {
  const auto now = Clock::now();
  result_.latencies.push_back(now - connection.due());
  idle_.push_back({&connection, now});
}

void LoadRun::CountUnanswered(Clock::time_point now) {
  const auto count = [&](Clock::time_point due) {
    result_.latencies.push_back(now - due);
    ++result_.unanswered;
  };
  for (const auto& connection : connections_) {
    const auto is_it = [&](const Idle& idle) { return idle.connection == connection.get(); };
    if (std::ranges::none_of(idle_, is_it)) count(connection->due());
  }
  for (; plan_.rate > 0 && NextDue() < end_; ++sent_) count(NextDue());
}

}  // namespace puente::bench
