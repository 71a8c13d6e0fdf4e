#include "proxy/http/connection_stream.h"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <string_view>

namespace puente {

using std::chrono::steady_clock;

void ConnectionStream::SetEnd(SteadyTime end) {
  end_ = end;
  connection_->SetDeadline(end);
}

std::size_t ConnectionStream::TakeInput(asio::mutable_buffer into) {
  const std::string_view input = connection_->input();
  const std::size_t size = asio::buffer_copy(into, asio::buffer(input));
  connection_->Consume(size);
  return size;
}

void ConnectionStream::StartRead(asio::mutable_buffer into, Handler done) {
  auto finish = [this, into, done = std::move(done)] {
    const std::size_t size = TakeInput(into);
    if (size > 0) last_read_ = steady_clock::now();
    const bool ended = size == 0 && into.size() > 0;
    done(ended ? boost::system::error_code(asio::error::eof) : boost::system::error_code(), size);
  };
  const bool broken = connection_->closed() || connection_->expired();
  if (broken || into.size() == 0 || !connection_->input().empty()) {
    asio::post(get_executor(), std::move(finish));
  } else {
    connection_->AwaitInput(std::move(finish));
  }
}

void ConnectionStream::StartWrite(asio::const_buffer bytes, Handler done) {
  if (connection_->closed() || connection_->expired()) {
    asio::post(get_executor(),
               [done = std::move(done)] { done(asio::error::operation_aborted, 0); });
    return;
  }
  connection_->SetDeadline(std::min(end_, steady_clock::now() + write_timeout_));
  connection_->transport().WriteSome(
      bytes, [this, done = std::move(done)](boost::system::error_code ec, std::size_t written) {
        connection_->SetDeadline(end_);
        done(ec, written);
      });
}

}  // namespace puente
