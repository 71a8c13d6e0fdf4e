#include "proxy/http/web_socket.h"

#include <algorithm>
#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <optional>
#include <utility>

#include "proxy/http/connection_stream.h"
#include "proxy/http/event.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::size_t kReadSize = 8192;
constexpr std::size_t kMaxReasonBytes = 123;
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

std::string CloseReason(std::string_view text) {
  std::string reason = ReplaceInvalidUtf8(text);
  if (reason.size() <= kMaxReasonBytes) return reason;
  std::size_t end = kMaxReasonBytes;
  while ((static_cast<unsigned char>(reason[end]) & 0xC0) == 0x80) --end;
  reason.resize(end);
  return reason;
}

}  // namespace

// Beast's stream and what is under way on it: every handler keeps it, since a Read that was
// cancelled goes on after the WebSocket is gone, until the connection ends.
class WebSocket::Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(Exchange& exchange, Options options)
      : exchange_(exchange),
        options_(std::move(options)),
        stream_(exchange.SwitchProtocols().shared_from_this(), options_.write_timeout),
        ping_timer_(stream_.get_executor()) {
    stream_.read_message_max(std::max<std::size_t>(options_.max_message_bytes, 1));
    stream_.auto_fragment(false);
  }

  Task<bool> Accept();
  Task<ReadResult> Read(std::string& message);
  Task<bool> Send(std::string_view message, Kind kind);
  Task<> Close(std::uint16_t code, std::string_view reason);
  void Cancel();
  void Release();
  Connection& connection() { return stream_.next_layer().connection(); }

 private:
  void CloseIfBroken(error_code ec);

  void ReadSome();
  void OnReadSome(error_code ec, std::size_t bytes);
  ReadResult ResultOf(error_code ec);

  void SchedulePing(SteadyTime when);
  void OnPingTimer();
  void Ping();
  void StopPinging();

  Exchange& exchange_;
  const Options options_;
  websocket::stream<ConnectionStream, false> stream_;
  std::string message_;  // what has come of it
  std::array<char, kReadSize> received_;
  std::optional<ReadResult> result_;
  std::optional<puente::Event> wake_reader_;
  bool reading_ = false;
  bool sending_ = false;
  bool cancelled_ = false;
  bool closing_ = false;
  asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, Executor> ping_timer_;
  SteadyTime quiet_since_;
  bool may_ping_ = false;
  bool ping_under_way_ = false;
};

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

Task<WebSocket::ReadResult> WebSocket::Channel::Read(std::string& message) {
  message.clear();
  if (cancelled_) co_return ReadResult{Event::kCancelled};
  result_.reset();
  wake_reader_.emplace(stream_.get_executor());
  message_.clear();
  reading_ = true;
  quiet_since_ = steady_clock::now();
  ReadSome();
  co_await wake_reader_->Wait();
  if (cancelled_) co_return ReadResult{Event::kCancelled};
  const bool is_message = result_->event == Event::kText || result_->event == Event::kBinary;
  if (is_message) message.swap(message_);
  co_return *result_;
}

void WebSocket::Channel::ReadSome() {
  stream_.async_read_some(asio::buffer(received_),
                          [self = shared_from_this()](error_code ec, std::size_t bytes) {
                            self->OnReadSome(ec, bytes);
                          });
}

void WebSocket::Channel::OnReadSome(error_code ec, std::size_t bytes) {
  message_.append(received_.data(), bytes);
  if (!ec && !stream_.is_message_done()) {
    ReadSome();
    return;
  }
  reading_ = false;
  result_ = ResultOf(ec);
  if (ec) StopPinging();
  CloseIfBroken(ec);
  wake_reader_->Set();
}

WebSocket::ReadResult WebSocket::Channel::ResultOf(error_code ec) {
  if (!ec) return {stream_.got_text() ? Event::kText : Event::kBinary};
  if (ec == websocket::error::closed) {
    const std::uint16_t code = stream_.reason().code;
    return {Event::kClosed, code == websocket::close_code::none ? kNoCode : code};
  }
  if (ec == websocket::error::message_too_big) return {Event::kTooLarge};
  if (ec == websocket::condition::protocol_violation) return {Event::kViolation};
  return {Event::kLost};
}

Task<bool> WebSocket::Channel::Send(std::string_view message, Kind kind) {
  sending_ = true;
  stream_.text(kind == Kind::kText);
  error_code ec;
  co_await stream_.async_write(asio::buffer(message), asio::redirect_error(use_task, ec));
  sending_ = false;
  CloseIfBroken(ec);
  co_return !ec;
}

Task<> WebSocket::Channel::Close(std::uint16_t code, std::string_view reason) {
  if (closing_) co_return;
  closing_ = true;
  StopPinging();
  stream_.next_layer().SetEnd(steady_clock::now() + options_.close_timeout);
  error_code ec;
  const websocket::close_reason close_reason(static_cast<websocket::close_code>(code),
                                             CloseReason(reason));
  co_await stream_.async_close(close_reason, asio::redirect_error(use_task, ec));
  CloseIfBroken(ec);
  stream_.next_layer().SetEnd(SteadyTime::max());
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

WebSocket::WebSocket(Exchange& exchange, Options options)
    : channel_(std::make_shared<Channel>(exchange, std::move(options))) {}

WebSocket::~WebSocket() { channel_->Release(); }

Task<bool> WebSocket::Accept() { return channel_->Accept(); }

Task<WebSocket::ReadResult> WebSocket::Read(std::string& message) {
  return channel_->Read(message);
}

Task<bool> WebSocket::Send(std::string_view message, Kind kind) {
  return channel_->Send(message, kind);
}

Task<> WebSocket::Close(std::uint16_t code, std::string_view reason) {
  return channel_->Close(code, reason);
}

void WebSocket::WatchClient(std::function<void()> left) {
  channel_->connection().StartReadAhead(std::move(left));
}

void WebSocket::StopWatchingClient() { channel_->connection().StopReadAhead(); }

void WebSocket::OnGoingAway(std::function<void()> end) {
  channel_->connection().OnAskedToEnd(std::move(end));
}

void WebSocket::Cancel() { channel_->Cancel(); }

}  // namespace puente
