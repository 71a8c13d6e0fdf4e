#include "proxy/http/web_socket_channel.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/error.hpp>

#include "proxy/http/close_frame.h"

namespace puente {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using std::chrono::steady_clock;

// What a Close frame without a code counts as (RFC 6455, 7.1.5).
constexpr std::uint16_t kNoCode = 1005;

bool MayAccompanyHandshake(const Header& header) {
  static constexpr std::array<std::string_view, 5> kReserved = {
      "connection", "upgrade", "content-length", "content-type", "transfer-encoding"};
  static constexpr std::string_view kHandshake = "sec-websocket-";
  const std::string_view name = header.name;
  return !name.empty() && name.find_first_of(" :") == std::string_view::npos &&
         IsPrintableAscii(name) && IsPrintableAscii(header.value) &&
         !EqualsIgnoreCase(name.substr(0, kHandshake.size()), kHandshake) &&
         std::none_of(kReserved.begin(), kReserved.end(),
                      [name](auto reserved) { return EqualsIgnoreCase(name, reserved); });
}

// What Beast needs to see of a handshake that has been checked.
http::request<http::empty_body> HandshakeRequest(const RequestHead& head) {
  http::request<http::empty_body> request(http::verb::get, "/", 11);
  const std::string_view key = *FindHeader(head.headers, "sec-websocket-key");
  request.set(http::field::host, "");
  request.set(http::field::connection, "upgrade");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::sec_websocket_key, {key.data(), key.size()});
  request.set(http::field::sec_websocket_version, "13");
  return request;
}

// The client has been told why, if there was anything to tell.
bool IsOrderlyEnd(error_code ec) {
  return ec == websocket::error::closed || ec == websocket::error::message_too_big ||
         ec == websocket::condition::protocol_violation;
}

}  // namespace

Task<bool> WebSocket::Channel::Accept() {
  stream_.set_option(websocket::stream_base::decorator([this](websocket::response_type& response) {
    response.set(http::field::server, "puente");
    for (const Header& header : options_.headers) {
      if (MayAccompanyHandshake(header)) response.insert(header.name, header.value);
    }
  }));
  error_code ec;
  const auto request = HandshakeRequest(exchange_.head());
  co_await stream_.async_accept(request, asio::redirect_error(use_task, ec));
  if (ec) {
    connection().Close();
    co_return false;
  }
  may_ping_ = true;
  SchedulePing(steady_clock::now() + options_.ping_interval);
  co_return true;
}

Task<WebSocket::ReadResult> WebSocket::Channel::Read(std::string& message,
                                                     std::chrono::nanoseconds patience) {
  message.clear();
  if (cancelled_) co_return ReadResult{Event::kCancelled};
  if (closing_) co_return ReadResult{Event::kLost};
  wake_reader_.emplace(stream_.get_executor());
  result_.reset();
  message_.clear();
  quiet_since_ = steady_clock::now();
  ReadSome();
  const bool in_time = co_await AwaitMessage(patience);
  if (cancelled_) co_return ReadResult{Event::kCancelled};
  cancelled_ = !in_time;
  if (!in_time) co_return ReadResult{Event::kQuiet};
  const bool is_message = result_->event == Event::kText || result_->event == Event::kBinary;
  if (is_message) message.swap(message_);
  co_return *result_;
}

Task<bool> WebSocket::Channel::AwaitMessage(std::chrono::nanoseconds patience) {
  last_payload_ = steady_clock::now();
  bool woken = false;
  if (patience >= SteadyTime::max() - last_payload_) {
    co_await wake_reader_->Wait();
    woken = true;
  }
  while (!woken) {
    const auto left = last_payload_ + patience - steady_clock::now();
    if (left <= left.zero()) break;
    woken = co_await wake_reader_->WaitFor(left);
  }
  co_return woken;
}

void WebSocket::Channel::ReadSome() {
  reading_ = true;
  stream_.async_read_some(asio::buffer(received_),
                          [self = shared_from_this()](error_code ec, std::size_t bytes) {
                            self->OnReadSome(ec, bytes);
                          });
}

void WebSocket::Channel::OnReadSome(error_code ec, std::size_t bytes) {
  if (!closing_) message_.append(received_.data(), bytes);
  if (bytes > 0) last_payload_ = steady_clock::now();
  if (!ec && (closing_ || !stream_.is_message_done())) {
    ReadSome();
    return;
  }
  reading_ = false;
  ended_ = static_cast<bool>(ec);
  result_ = ResultOf(ec);
  if (ec) StopPinging();
  CloseIfBroken(ec);
  if (wake_reader_) wake_reader_->Set();
  WakeCloser();
}

WebSocket::ReadResult WebSocket::Channel::ResultOf(error_code ec) {
  if (!ec) return {stream_.got_text() ? Event::kText : Event::kBinary};
  if (said_close_) return {Event::kLost};
  if (ec == websocket::error::closed) {
    const std::uint16_t code = stream_.reason().code;
    return {Event::kClosed, code == websocket::close_code::none ? kNoCode : code};
  }
  if (ec == websocket::error::message_too_big) return {Event::kTooLarge};
  if (ec == websocket::condition::protocol_violation) return {Event::kViolation};
  return {Event::kLost};
}

Task<bool> WebSocket::Channel::Send(std::string_view message, Kind kind) {
  if (closing_) co_return false;
  sending_ = true;
  stream_.text(kind == Kind::kText);
  error_code ec;
  co_await stream_.async_write(asio::buffer(message), asio::redirect_error(use_task, ec));
  sending_ = false;
  WakeCloser();
  CloseIfBroken(ec);
  co_return !ec;
}

Task<> WebSocket::Channel::Close(std::uint16_t code, std::string_view reason) {
  if (closing_) co_return;
  closing_ = true;
  StopPinging();
  const auto end = steady_clock::now() + options_.close_timeout;
  const bool closed = co_await CloseBefore(end, CloseFrame(code, reason));
  if (!closed) connection().Close();
}

// Not by Beast's async_close: it waits for a read under way while it keeps others from writing, and
// a read that fails its frame waits to write, for ever. Without it a read waits for writes, those
// only for the connection, and nothing for a read.
Task<bool> WebSocket::Channel::CloseBefore(SteadyTime end, std::string frame) {
  bool good = co_await Await(&Channel::HasSent, end);
  if (!good) co_return false;
  stream_.next_layer().StopWriting([this] { WakeCloser(); });
  good = co_await Await(&Channel::HasStoppedWriting, end);
  // Beast says that it is not open once it has begun to send a Close frame by itself.
  said_close_ = good && !ended_ && stream_.is_open();
  if (said_close_) good = co_await connection().Write(frame, {}, end - steady_clock::now());
  if (!good) co_return false;
  if (!ended_ && !reading_) ReadSome();
  co_return co_await Await(&Channel::HasEnded, end);
}

Task<bool> WebSocket::Channel::Await(bool (Channel::*is_so)() const, SteadyTime end) {
  while (!(this->*is_so)()) {
    const auto left = end - steady_clock::now();
    if (connection().closed() || left <= left.zero()) co_return false;
    wake_closer_.emplace(stream_.get_executor());
    co_await wake_closer_->WaitFor(left);
  }
  co_return true;
}

void WebSocket::Channel::WakeCloser() {
  if (wake_closer_) wake_closer_->Set();
}

void WebSocket::Channel::Cancel() {
  cancelled_ = true;
  if (wake_reader_) wake_reader_->Set();
}

void WebSocket::Channel::Release() {
  StopPinging();
  connection().StopReadAhead();
  connection().OnAskedToEnd(nullptr);
  if (!closing_ && (reading_ || ping_under_way_)) connection().Close();
}

// operation_aborted is what Beast says of a WebSocket that has been closed in order, too: then the
// session ends the connection.
void WebSocket::Channel::CloseIfBroken(error_code ec) {
  if (!ec || IsOrderlyEnd(ec)) return;
  if (ec != asio::error::operation_aborted || connection().expired()) connection().Close();
}

void WebSocket::Channel::SchedulePing(SteadyTime when) {
  ping_timer_.expires_at(when);
  ping_timer_.async_wait([weak = weak_from_this()](error_code) {
    if (const auto self = weak.lock(); self && self->may_ping_) self->OnPingTimer();
  });
}

// Without a Read the client's answer would not be seen, and behind a Send that waits it would not
// be asked; the Send has its own time-out.
void WebSocket::Channel::OnPingTimer() {
  const auto now = steady_clock::now();
  if (!reading_ || sending_) quiet_since_ = now;
  quiet_since_ = std::max(quiet_since_, stream_.next_layer().last_read());
  const auto quiet = now - quiet_since_;
  if (quiet >= 2 * options_.ping_interval) {
    connection().Close();
  } else if (quiet >= options_.ping_interval) {
    Ping();
    SchedulePing(quiet_since_ + 2 * options_.ping_interval);
  } else {
    SchedulePing(quiet_since_ + options_.ping_interval);
  }
}

void WebSocket::Channel::Ping() {
  if (std::exchange(ping_under_way_, true)) return;
  stream_.async_ping({}, [self = shared_from_this()](error_code ec) {
    self->ping_under_way_ = false;
    self->CloseIfBroken(ec);
  });
}

void WebSocket::Channel::StopPinging() {
  may_ping_ = false;
  ping_timer_.cancel();
}

}  // namespace puente
