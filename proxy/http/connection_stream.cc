#include "proxy/http/connection_stream.h"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <string_view>
#include <utility>

namespace puente {

using std::chrono::steady_clock;

void ConnectionStream::StopWriting(std::function<void()> stopped) {
  on_writing_stopped_ = std::move(stopped);
  if (!writing_) EndWrite();
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
  if (writing_stopped_) {
    asio::post(get_executor(), [size = bytes.size(), done = std::move(done)] { done({}, size); });
  } else if (connection_->closed() || connection_->expired()) {
    asio::post(get_executor(),
               [done = std::move(done)] { done(asio::error::operation_aborted, 0); });
  } else {
    writing_ = true;
    WriteRest(bytes, 0, std::move(done));
  }
}

void ConnectionStream::WriteRest(asio::const_buffer rest, std::size_t written, Handler done) {
  connection_->SetDeadline(steady_clock::now() + write_timeout_);
  connection_->transport().WriteSome(
      rest, [this, rest, written, done = std::move(done)](boost::system::error_code ec,
                                                          std::size_t more) mutable {
        connection_->ClearDeadline();
        if (!ec && more < rest.size() && !connection_->closed() && !connection_->expired()) {
          WriteRest(rest + more, written + more, std::move(done));
          return;
        }
        EndWrite();
        done(ec, written + more);
      });
}

void ConnectionStream::EndWrite() {
  writing_ = false;
  if (!on_writing_stopped_) return;
  writing_stopped_ = true;
  std::exchange(on_writing_stopped_, nullptr)();
}

}  // namespace puente
