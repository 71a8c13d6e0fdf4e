#include "proxy/http/exchange.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace puente {
namespace {

using std::chrono::steady_clock;

// How much room is made for a body before any of it is there.
constexpr std::uint64_t kReservedBody = 1 << 18;
// Of an answer, x-request-id and what the upstream sends.
constexpr std::size_t kUsualHeaders = 6;
constexpr auto kBodyRateGrace = std::chrono::seconds(5);
// A body that nobody asked for is read to its end only when it is small: else closing is cheaper.
constexpr std::uint64_t kDrainLimit = 65536;
// Up to here a body is copied behind its head: both leave in one TLS record, or in one buffer,
// which costs less than to give the system two.
constexpr std::size_t kCopyTlsBodyLimit = 16384;
constexpr std::size_t kCopyBodyLimit = 4096;

}  // namespace

Exchange::Exchange(Connection& connection, RequestParser& parser, const RequestHead& head,
                   const ClientInfo& client, const ExchangeOptions& options)
    : connection_(connection), parser_(parser), head_(head), client_(client), options_(options) {
  headers_.reserve(kUsualHeaders);
}

Task<Result<std::string>> Exchange::ReadBody() {
  std::string body;
  if (const auto error = parser_.CheckDeclaredLength()) {
    keep_alive_ = false;
    co_return tl::unexpected(*error);
  }
  const auto started = steady_clock::now();
  const std::uint64_t length = head_.content_length.value_or(0);
  body.reserve(std::min(length, kReservedBody));
  ReadBodyPieces();
  while (!parser_.BodyComplete()) {
    const Result<void> taken = TakeBody(body);
    if (!taken) co_return tl::unexpected(taken.error());
    if (parser_.BodyComplete()) break;
    const Result<void> received = co_await AwaitBody(BodyDeadline(started, 0));
    if (!received) co_return tl::unexpected(received.error());
  }
  connection_.ReadPieces(Connection::Piece::kHead);
  co_return body;
}

// Of a body in chunks no large ones: how long the framing between them may be, the buffer bounds.
void Exchange::ReadBodyPieces() {
  using Piece = Connection::Piece;
  const bool is_large = head_.content_length > static_cast<std::uint64_t>(Piece::kHead);
  connection_.ReadPieces(is_large ? Piece::kLarge : Piece::kBody);
}

Result<void> Exchange::CheckBodyLength() const {
  if (auto error = parser_.CheckDeclaredLength()) return tl::unexpected(*std::move(error));
  return {};
}

Task<Result<bool>> Exchange::ReadBodySome(std::string& body, std::chrono::nanoseconds patience) {
  ReadBodyPieces();
  const std::size_t before = body.size();
  const auto now = steady_clock::now();
  const auto deadline = patience < SteadyTime::max() - now ? now + patience : SteadyTime::max();
  while (!body_interrupted_) {
    if (parser_.BodyComplete()) co_return false;
    const Result<void> taken = TakeBody(body);
    if (!taken) co_return tl::unexpected(taken.error());
    if (body.size() > before) co_return true;
    if (parser_.BodyComplete()) co_return false;
    const bool there = co_await SendContinue();
    if (!there || body_interrupted_) break;
    const Result<void> received = co_await AwaitBody(deadline);
    if (!received) co_return tl::unexpected(received.error());
  }
  co_return Fail(Code::kCancelled, "the body is not read any more");
}

void Exchange::InterruptBody() {
  body_interrupted_ = true;
  connection_.ClearDeadline();
  connection_.WakeReader();
}

Result<void> Exchange::TakeBody(std::string& body) {
  const auto consumed = parser_.ParseBody(connection_.input(), body);
  if (!consumed) {
    keep_alive_ = false;
    return tl::unexpected(consumed.error());
  }
  body_received_ += *consumed;
  connection_.Consume(*consumed);
  if (!parser_.BodyComplete() && connection_.InputFull()) {
    keep_alive_ = false;
    return Fail(Code::kInvalidArgument, "a chunk header or the trailers are too long", 400);
  }
  return {};
}

Task<Result<void>> Exchange::AwaitBody(SteadyTime deadline) {
  const bool there = co_await SendContinue();
  if (!there) co_return Fail(Code::kCancelled, "the client went away");
  connection_.SetDeadline(deadline);
  const bool filled = co_await connection_.Fill();
  connection_.ClearDeadline();
  if (filled) co_return Result<void>();
  keep_alive_ = false;
  if (connection_.AcknowledgeExpiry()) {
    co_return Fail(Code::kDeadlineExceeded, "the request body comes too slowly", 408);
  }
  co_return Fail(Code::kCancelled, "the client went away before the body was complete");
}

Task<bool> Exchange::SendContinue() {
  if (continue_sent_ || !head_.expect_continue || body_received_ > 0) co_return true;
  continue_sent_ = true;
  co_return co_await connection_.Write("HTTP/1.1 100 Continue\r\n\r\n", {}, options_.write_timeout);
}

SteadyTime Exchange::BodyDeadline(SteadyTime started, std::uint64_t before) const {
  if (options_.min_body_rate == 0) return SteadyTime::max();
  return started + kBodyRateGrace +
         std::chrono::milliseconds((body_received_ - before) * 1000 / options_.min_body_rate);
}

void Exchange::WatchClient(std::function<void()> left) {
  connection_.StartReadAhead(std::move(left));
}

void Exchange::StopWatchingClient() { connection_.StopReadAhead(); }

bool Exchange::CanDrainBody() const {
  if (parser_.BodyComplete()) return true;
  if (head_.expect_continue && !continue_sent_) return false;
  return head_.content_length.has_value() && *head_.content_length - body_received_ <= kDrainLimit;
}

void Exchange::DecideKeepAlive() {
  keep_alive_ = keep_alive_ && options_.may_keep_alive && !options_.draining && head_.keep_alive &&
                CanDrainBody();
}

void Exchange::AddHeader(std::string_view name, std::string_view value) {
  headers_.push_back({std::string(name), std::string(value)});
}

void Exchange::AddHeaders(std::vector<Header> headers) {
  std::ranges::move(headers, std::back_inserter(headers_));
}

Task<> Exchange::Respond(Response response) {
  DecideKeepAlive();
  status_ = response.status;
  ResponseHead head;
  head.status = response.status;
  head.content_type = response.content_type;
  head.keep_alive = keep_alive_;
  head.minor_version = head_.minor_version;
  if (response.status == 205) response.body.clear();
  head.content_length = response.body.size();
  if (response.status == 204 || response.status == 304) {
    head.framing = BodyFraming::kNone;
    head.content_type = {};
    response.body.clear();
  }
  output_.clear();
  AddHeaders(std::move(response.headers));
  if (head_.method == "HEAD") response.body.clear();
  AppendHead(head, headers_, output_);
  const std::size_t body_size = response.body.size();
  if (body_size <= (connection_.transport().is_tls() ? kCopyTlsBodyLimit : kCopyBodyLimit)) {
    output_.append(response.body);
    response.body.clear();
  }
  std::string_view head_left = output_;
  std::string_view body_left = response.body;
  bool sent = connection_.WriteNow(head_left, body_left);
  if (!sent) sent = co_await Send(head_left, body_left);
  if (sent) body_sent_ += body_size;
}

void Exchange::BeginStream(int status, std::string_view content_type, std::vector<Header> headers,
                           std::optional<std::uint64_t> length) {
  DecideKeepAlive();
  AddHeaders(std::move(headers));
  status_ = status;
  if (status == 204 || status == 304) {
    stream_framing_ = BodyFraming::kNone;
  } else if (length) {
    stream_framing_ = BodyFraming::kLength;
  } else if (head_.minor_version == 0) {
    stream_framing_ = BodyFraming::kClose;
    keep_alive_ = false;
  }
  if (stream_framing_ == BodyFraming::kClose) connection_.SetResetOnClose(true);
  AppendHead({.status = status,
              .content_type = content_type,
              .framing = stream_framing_,
              .content_length = length.value_or(0),
              .keep_alive = keep_alive_,
              .minor_version = head_.minor_version},
             headers_, stream_head_);
}

// Makes output_ what is to be sent for `bytes` of a stream: its head, too, unless that has gone.
void Exchange::FrameStream(std::string_view bytes) {
  output_.clear();
  if (!stream_head_.empty()) output_ = std::exchange(stream_head_, {});
  unsent_body_bytes_ = 0;
  if (head_.method == "HEAD") return;
  unsent_body_bytes_ = bytes.size();
  if (stream_framing_ == BodyFraming::kChunked) {
    AppendChunk(bytes, output_);
  } else {
    output_.append(bytes);
  }
}

Task<bool> Exchange::WriteStream(std::string_view bytes) {
  bool sent = WriteStreamNow(bytes);
  if (!sent) sent = co_await WriteStreamRest();
  co_return sent;
}

bool Exchange::WriteStreamNow(std::string_view bytes) {
  FrameStream(bytes);
  return SendFramed();
}

bool Exchange::SendFramed() {
  unsent_ = output_;
  if (unsent_.empty()) return !connection_.closed();
  std::string_view no_body;
  if (!connection_.WriteNow(unsent_, no_body)) return false;
  body_sent_ += unsent_body_bytes_;
  return true;
}

Task<bool> Exchange::WriteStreamRest() {
  if (unsent_.empty()) co_return !connection_.closed();
  const std::string_view rest = std::exchange(unsent_, {});
  const bool sent = co_await Send(rest, {});
  if (sent) body_sent_ += unsent_body_bytes_;
  co_return sent;
}

Task<bool> Exchange::EndStream(std::string_view last) {
  FrameStream(last);
  if (head_.method != "HEAD" && stream_framing_ == BodyFraming::kChunked) {
    output_.append(kLastChunk);
  }
  bool sent = SendFramed();
  if (!sent) sent = co_await WriteStreamRest();
  if (sent) connection_.SetResetOnClose(false);
  co_return sent;
}

void Exchange::AbortStream() {
  keep_alive_ = false;
  if (connection_.closed()) NoteLoss();
  connection_.Close();
}

Connection& Exchange::SwitchProtocols() {
  keep_alive_ = false;
  status_ = 101;
  connection_.ReadPieces(Connection::Piece::kBody);
  connection_.StopReadAhead();
  return connection_;
}

Task<bool> Exchange::Send(std::string_view head, std::string_view body) {
  const bool sent = co_await connection_.Write(head, body, options_.write_timeout);
  if (!sent) {
    NoteLoss();
    connection_.Close();
  }
  co_return sent;
}

void Exchange::NoteLoss() {
  if (loss_ != Loss::kNone) return;
  loss_ = connection_.expired() ? Loss::kClientSlow : Loss::kClientLeft;
}

Task<bool> Exchange::DrainBody() {
  if (!keep_alive()) co_return false;
  std::string discarded;
  const auto started = steady_clock::now();
  const std::uint64_t before = body_received_;
  while (!parser_.BodyComplete()) {
    const Result<void> taken = TakeBody(discarded);
    if (!taken) co_return false;
    if (parser_.BodyComplete()) break;
    const Result<void> received = co_await AwaitBody(BodyDeadline(started, before));
    if (!received) co_return false;
    discarded.clear();
  }
  co_return true;
}

}  // namespace puente
