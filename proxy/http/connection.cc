#include "proxy/http/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace puente {
namespace {

// Gives back what an empty string holds, unless it is little.
void Shrink(std::string& text) {
  constexpr std::size_t kMost = 2 * static_cast<std::size_t>(Connection::Piece::kHead);
  // Assigning an empty string would keep it.
  if (text.capacity() > kMost) std::string().swap(text);
}

}  // namespace

Connection::Connection(StreamSocket socket, asio::ssl::context* tls, std::size_t read_capacity)
    : transport_(std::move(socket), tls), read_capacity_(read_capacity) {}

void Connection::Consume(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
    Shrink(buffer_);
  }
}

Task<bool> Connection::Fill() {
  if (closed_ || expired_) co_return false;
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
      [this](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        AwaitInput([shared] { std::move (*shared)(); });
      },
      use_task);
  co_return !closed_ && !expired_;
}

void Connection::AwaitInput(std::function<void()> done) {
  waiter_ = std::move(done);
  if (!reading_) StartReadSoon();
}

// Once all that is ready has been served: by then the next request is likely there.
void Connection::StartReadSoon() {
  reading_ = true;
  asio::post(transport_.executor(), [self = shared_from_this()] {
    if (self->closed_ || self->expired_) {
      self->OnRead(asio::error::operation_aborted, 0);
    } else {
      self->StartRead();
    }
  });
}

void Connection::WakeReader() {
  if (waiter_) std::exchange(waiter_, nullptr)();
}

void Connection::StartReadAhead(std::function<void()> on_closed) {
  if (closed_) {
    on_closed();
    return;
  }
  on_closed_ = std::move(on_closed);
}

void Connection::StartRead() {
  reading_ = true;
  const std::size_t buffered = std::min(input().size(), Capacity() - 1);
  // Of a large piece, what a read holds while it waits is only the first part.
  const auto wanted = static_cast<std::size_t>(std::min(piece_, Piece::kBody));
  if (piece_ == Piece::kHead) Shrink(incoming_);
  incoming_.resize(std::min(wanted, Capacity() - buffered));
  transport_.ReadSome(asio::buffer(incoming_),
                      [self = shared_from_this()](boost::system::error_code ec, std::size_t bytes) {
                        self->OnRead(ec, bytes);
                      });
}

// Takes over the first `bytes` of what came.
void Connection::Keep(std::size_t bytes) {
  // Small ones are copied, so that `incoming_` need not be made anew.
  constexpr std::size_t kCopied = 4096;
  if (input().empty() && bytes > kCopied) {
    incoming_.resize(bytes);
    buffer_.swap(incoming_);
    begin_ = 0;
    return;
  }
  buffer_.erase(0, std::exchange(begin_, 0));
  buffer_.append(incoming_, 0, bytes);
}

// Of a large piece, what is there already.
void Connection::ReadMoreNow() {
  const std::size_t before = buffer_.size();
  const std::size_t room = Capacity() - std::min(Capacity(), input().size());
  buffer_.resize(before + room);
  const std::size_t more = transport_.ReadNow(asio::buffer(buffer_.data() + before, room));
  buffer_.resize(before + more);
}

void Connection::OnRead(boost::system::error_code ec, std::size_t bytes) {
  reading_ = false;
  if (ec) {
    if (!(ec == asio::error::operation_aborted && expired_)) closed_ = true;
    peer_ended_ = ec == asio::error::eof && !transport_.was_truncated();
    // A write may be waiting for a client that only stopped sending, and never reads again.
    if (closed_) transport_.Cancel();
  } else {
    const bool filled = bytes == incoming_.size();
    Keep(bytes);
    if (piece_ == Piece::kLarge && filled) ReadMoreNow();
  }
  if (waiter_) {
    std::exchange(waiter_, nullptr)();
  } else if (closed_ && on_closed_) {
    std::exchange(on_closed_, nullptr)();
  } else if (on_closed_ && !InputFull()) {
    StartRead();
  }
}

bool Connection::WriteNow(std::string_view& head, std::string_view& body) {
  if (closed_ || expired_) return false;
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
  const std::size_t count = body.empty() ? 1 : 2;
  std::size_t written = transport_.WriteNow({buffers.data(), count});
  const std::size_t of_head = std::min(written, head.size());
  head.remove_prefix(of_head);
  body.remove_prefix(written - of_head);
  return head.empty() && body.empty();
}

Task<bool> Connection::Write(std::string_view head, std::string_view body,
                             std::chrono::nanoseconds stall_timeout) {
  while (!head.empty() || !body.empty()) {
    if (closed_ || expired_) co_return false;
    write_deadline_ = std::chrono::steady_clock::now() + stall_timeout;
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
    boost::system::error_code ec;
    std::size_t written = co_await transport_.WriteSome(buffers, ec);
    write_deadline_ = SteadyTime::max();
    if (ec) co_return false;
    const std::size_t of_head = std::min(written, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(written - of_head);
  }
  co_return true;
}

void Connection::Expire() {
  expired_ = true;
  deadline_ = write_deadline_ = SteadyTime::max();
  transport_.Cancel();
}

void Connection::CheckPeer() {
  if (!on_closed_ || reading_) return;
  if (!InputFull()) {
    StartRead();
  } else if (transport_.PeerHasClosed()) {
    Close();
  }
}

void Connection::AskToEnd() {
  if (asked_to_end_) std::exchange(asked_to_end_, nullptr)();
}

void Connection::Close() {
  closed_ = true;
  if (reset_on_close_) transport_.Reset();
  transport_.Close();
  if (on_closed_) std::exchange(on_closed_, nullptr)();
}

}  // namespace puente
