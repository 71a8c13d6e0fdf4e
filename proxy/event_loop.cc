#include "proxy/event_loop.h"

#include <sys/eventfd.h>

#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/asio/post.hpp>
#include <system_error>
#include <utility>

#include "proxy/upstream/completion_queue.h"

namespace puente {
namespace {

using asio::detail::epoll_reactor;

// Asio does not show the descriptor that it waits on. An explicit instantiation may name what is
// private.
int DescriptorOf(const epoll_reactor& reactor);
template <int epoll_reactor::*kMember>
struct Shown {
  friend int DescriptorOf(const epoll_reactor& reactor) { return reactor.*kMember; }
};
template struct Shown<&epoll_reactor::epoll_fd_>;

int ReactorDescriptorOf(asio::io_context& context) {
  auto& reactor = asio::use_service<epoll_reactor>(context);
  reactor.init_task();
  return DescriptorOf(reactor);
}

int MakeEventDescriptor() {
  const int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::system_category(), "eventfd");
  return descriptor;
}

}  // namespace

EventLoop::EventLoop()
    : work_(context_.get_executor()),
      reactor_descriptor_(ReactorDescriptorOf(context_)),
      wake_(context_.get_executor(), MakeEventDescriptor()) {
  AwaitWake();
}

void EventLoop::Post(std::function<void()> action) {
  asio::post(context_, std::move(action));
  eventfd_write(wake_.native_handle(), 1);
}

void EventLoop::AwaitWake() {
  wake_.async_wait(asio::posix::descriptor_base::wait_read, [this](boost::system::error_code ec) {
    if (ec || stopping_) return;
    eventfd_t count = 0;
    eventfd_read(wake_.native_handle(), &count);
    AwaitWake();
  });
}

void EventLoop::Run() {
  // Not as a handler of the context, whose count of work goes wrong where poll is nested for long.
  ServeCompletions();
  context_.run();
}

void EventLoop::ServeCompletions() {
  const PollGuestScope scope(*this);
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    auto* operation = static_cast<CompletionTag*>(tag);
    operation->TakeOver();
    operation->Complete(ok);
    has_pending_ = true;
    ++completions_;
  }
}

// Handlers may make each other ready without end, as when a client pipelines what is answered here;
// gRPC has its turn in between.
std::size_t EventLoop::RunReady() {
  constexpr std::size_t kMost = 256;
  std::size_t handled = 0;
  while (handled < kMost && context_.poll_one() > 0) ++handled;
  has_pending_ = handled == kMost;
  return std::exchange(completions_, 0) + handled;
}

void EventLoop::Stop() {
  // It stays open: another thread may just be writing to it.
  stopping_ = true;
  wake_.cancel();
  work_.reset();
  queue_.Shutdown();
}

}  // namespace puente
