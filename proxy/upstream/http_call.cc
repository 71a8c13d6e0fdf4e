#include "proxy/upstream/http_call.h"

#include <algorithm>
#include <utility>

#include "proxy/http/framing_gate.h"
#include "proxy/http/response.h"

namespace puente {
namespace {

using Framing = HttpRequestHead::Framing;

// How many interim responses may come before the final one.
constexpr int kMostInterim = 16;
constexpr int kLastInterim = 199;
constexpr int kSwitchingProtocols = 101;
// Of a body that is read before anybody wants it.
constexpr std::size_t kMostAhead = 65536;
// Only the deadline of the call ends a write.
constexpr std::chrono::hours kNoStallTimeout{24};

}  // namespace

HttpCall::HttpCall(HttpUpstream& upstream, HttpLane& lane, std::optional<SteadyTime> deadline,
                   Connections connections, DeadlineBy deadline_by)
    : upstream_(upstream.shared_from_this()),
      lane_(lane),
      deadline_(deadline.value_or(SteadyTime::max())),
      deadline_by_(deadline_by),
      buffers_(lane.TakeBuffers()),
      lease_(upstream, lane.PoolOf(upstream), lane.executor(), connections == Connections::kFresh) {
  lane_.Add(*this);
}

HttpCall::~HttpCall() { lane_.GiveBack(std::move(buffers_)); }

void HttpCall::Cancel() {
  Interrupt(Error{Code::kCancelled, "the call of the upstream was cancelled", 0, {}, {}});
}

void HttpCall::CheckTime(SteadyTime now) {
  if (now >= deadline_) {
    Interrupt(Error{Code::kDeadlineExceeded, "the upstream did not answer in time", 504, {}, {}});
  } else {
    lease_.CheckTime(now);
  }
}

void HttpCall::Interrupt(Error error) {
  if (interrupted_) return;
  // Who still waits for a place has not come to a target.
  if (lease_.held()) Report(OutcomeOf(error.code, deadline_by_));
  interrupted_ = std::move(error);
  lease_.End();
}

// The first word counts.
void HttpCall::Report(Outcome outcome) {
  if (!std::exchange(reported_, true)) upstream_->Report(lease_.target(), outcome);
}

// --- The request

Task<Result<void>> HttpCall::Start(const HttpRequestHead& head, std::string_view first) {
  if (interrupted_) co_return tl::unexpected(*interrupted_);
  const Result<void> begun = BeginRequest(head, first);
  if (!begun) co_return begun;
  if (!lease_.TakeIdle()) {
    const Result<void> obtained = co_await lease_.Obtain(deadline_);
    if (interrupted_) co_return tl::unexpected(*interrupted_);
    if (!obtained) co_return obtained;
  }
  const std::string_view body = framing_ == Framing::kChunked ? std::string_view() : first;
  const bool sent = co_await Send(buffers_->output, body);
  if (interrupted_) co_return tl::unexpected(*interrupted_);
  if (sent) CountBody(body.size());
  co_return Result<void>();
}

Result<void> HttpCall::BeginRequest(const HttpRequestHead& head, std::string_view first) {
  if (!head.MayCarry(first.size())) {
    return Fail(Code::kInternal, "a request body that is longer than its head says");
  }
  framing_ = head.framing;
  body_left_ = head.content_length;
  may_upgrade_ = head.upgrade;
  to_head_ = head.method == "HEAD";
  const Result<void> printed = PrintRequestHead(head, buffers_->output);
  if (framing_ == Framing::kChunked && !first.empty()) AppendChunk(first, buffers_->output);
  return printed;
}

bool HttpCall::MayWrite(std::string_view bytes) const {
  if (!lease_.held() || lease_.connection()->closed()) return false;
  if (upgraded_) return true;
  if (request_done_) return bytes.empty();
  return framing_ != Framing::kLength || bytes.size() <= body_left_;
}

Task<bool> HttpCall::Send(std::string_view head, std::string_view body) {
  const std::size_t size = head.size() + body.size();
  const bool all = connection().WriteNow(head, body);
  sent_ = sent_ || head.size() + body.size() < size;
  if (all) co_return true;
  sent_ = true;
  // The reader may be done with the connection before this has ended.
  const std::shared_ptr<Connection> connection = lease_.connection();
  co_return co_await connection->Write(head, body, kNoStallTimeout);
}

// `bytes` of the body have been sent, besides those in chunks.
void HttpCall::CountBody(std::size_t bytes) {
  if (framing_ == Framing::kChunked) return;
  body_left_ -= std::min<std::uint64_t>(bytes, body_left_);
  request_done_ = framing_ == Framing::kNone || body_left_ == 0;
  ReleaseIfDone();
}

Task<bool> HttpCall::WriteBody(std::string_view bytes) {
  if (!MayWrite(bytes)) co_return false;
  if (bytes.empty()) co_return true;
  const bool chunked = framing_ == Framing::kChunked && !upgraded_;
  std::string& output = buffers_->output;
  output.clear();
  if (chunked) AppendChunk(bytes, output);
  const std::string_view body = chunked ? std::string_view() : bytes;
  const bool sent = co_await Send(output, body);
  if (sent && !upgraded_) CountBody(body.size());
  co_return sent;
}

Task<bool> HttpCall::EndBody() {
  if (request_done_ && !upgraded_) co_return !interrupted_;
  if (!MayWrite({})) co_return false;
  if (upgraded_) {
    co_await connection().transport().ShutdownWrite();
    co_return true;
  }
  if (framing_ != Framing::kChunked) co_return false;
  const bool sent = co_await Send(kLastChunk, {});
  if (!sent) co_return false;
  request_done_ = true;
  ReleaseIfDone();
  co_return true;
}

// --- The answer

Task<Result<void>> HttpCall::ReadHead() {
  if (!lease_.connection() || interrupted_) co_return tl::unexpected(Lost());
  connection().ReadPieces(Connection::Piece::kBody);
  while (true) {
    const Result<bool> taken = TakeHead();
    if (!taken) co_return tl::unexpected(taken.error());
    if (*taken) co_return BeginBody();
    const bool filled = co_await connection().Fill();
    answered_ = answered_ || !connection().input().empty();
    if (!filled) co_return tl::unexpected(Lost());
  }
}

// Whether a final head has come.
Result<bool> HttpCall::TakeHead() {
  while (true) {
    const std::string_view input = connection().input();
    const std::size_t end = FindHttpHeadEnd(input, seen_);
    if (auto error = ResponseParser::CheckBegun(input, seen_, end, upstream_->response_limits())) {
      return tl::unexpected(Malformed(*std::move(error)));
    }
    seen_ = end == 0 ? input.size() : 0;
    if (end == 0) return false;
    const Result<bool> is_final = ParseHead(end);
    if (!is_final || *is_final) return is_final;
  }
}

// Takes the head that ends at `end`. False: it is an interim one.
Result<bool> HttpCall::ParseHead(std::size_t end) {
  HttpResponseHead& head = buffers_->head;
  head.Clear();
  head.raw.assign(connection().input().substr(0, end));
  connection().Consume(end);
  parser_.emplace(head, upstream_->response_limits(), to_head_);
  if (auto error = parser_->ParseHead()) return tl::unexpected(Malformed(*std::move(error)));
  if (head.status > kLastInterim) {
    // Whatever becomes of the body; that of a good one may still break off.
    if (OutcomeOfHttpStatus(head.status) == Outcome::kFailure) Report(Outcome::kFailure);
    return true;
  }
  upgraded_ = head.status == kSwitchingProtocols && may_upgrade_;
  if (upgraded_) {
    Report(Outcome::kSuccess);
    return true;
  }
  if (head.status == kSwitchingProtocols) {
    return tl::unexpected(
        Malformed(MalformedHttp(HttpSender::kUpstream, "another protocol, unasked")));
  }
  if (++interim_ > kMostInterim) {
    return tl::unexpected(
        Malformed(MalformedHttp(HttpSender::kUpstream, "too many interim responses")));
  }
  return false;
}

Result<void> HttpCall::BeginBody() {
  using Piece = Connection::Piece;
  if (upgraded_) return {};
  if (parser_->BodyComplete()) {
    EndAnswer();
    return {};
  }
  // Of a body in chunks no large ones: how long the framing between them may be, the buffer bounds.
  const HttpResponseHead& head = buffers_->head;
  const bool is_large = !head.chunked && head.content_length.value_or(UINT64_MAX) >
                                             static_cast<std::size_t>(Piece::kBody);
  connection().ReadPieces(is_large ? Piece::kLarge : Piece::kBody);
  return {};
}

Task<Result<bool>> HttpCall::ReadBodySome(std::string& body) {
  if (ahead_.empty()) co_return co_await ReadFromConnection(body);
  body += ahead_;
  ahead_.clear();
  co_return !answer_done_;
}

Task<> HttpCall::ReadAhead() {
  Result<bool> more = true;
  while (more && *more && !answer_done_ && ahead_.size() < kMostAhead) {
    more = co_await ReadFromConnection(ahead_);
  }
}

Task<Result<bool>> HttpCall::ReadFromConnection(std::string& body) {
  if (interrupted_ && !answer_done_) co_return tl::unexpected(Lost());
  if (upgraded_) co_return co_await ReadUpgraded(body);
  const std::size_t before = body.size();
  while (!answer_done_) {
    const Result<void> taken = TakeBody(body);
    if (!taken) co_return tl::unexpected(taken.error());
    if (answer_done_) break;
    if (body.size() > before) co_return true;
    const bool filled = co_await connection().Fill();
    if (filled) continue;
    if (interrupted_ || !connection().peer_ended()) co_return tl::unexpected(Lost());
    if (auto error = parser_->EndOfStream()) co_return tl::unexpected(Malformed(*error));
    EndAnswer();
  }
  co_return false;
}

Result<void> HttpCall::TakeBody(std::string& body) {
  const auto consumed = parser_->ParseBody(connection().input(), body);
  if (!consumed) return tl::unexpected(Malformed(consumed.error()));
  connection().Consume(*consumed);
  if (parser_->BodyComplete()) {
    EndAnswer();
  } else if (connection().InputFull()) {
    return tl::unexpected(Malformed(
        MalformedHttp(HttpSender::kUpstream, "a chunk header or the trailers are too long")));
  }
  return {};
}

Task<Result<bool>> HttpCall::ReadUpgraded(std::string& body) {
  if (answer_done_) co_return false;
  if (connection().input().empty()) {
    const bool filled = co_await connection().Fill();
    if (!filled && (interrupted_ || !connection().peer_ended())) {
      co_return tl::unexpected(Lost());
    }
    answer_done_ = !filled;
  }
  body.append(connection().input());
  connection().Consume(connection().input().size());
  co_return !answer_done_;
}

// It is no longer known where an answer begins on this connection.
Error HttpCall::Malformed(Error error) {
  Report(Outcome::kFailure);
  lease_.End();
  return error;
}

// Why nothing more can be read.
Error HttpCall::Lost() {
  if (interrupted_) return *interrupted_;
  stale_ = lease_.reused() && !answered_;
  // A server may close what has nothing to do whenever it likes.
  if (lease_.held() && !stale_) Report(Outcome::kFailure);
  lease_.End();
  const char* const message =
      answered_ ? "the upstream closed the connection before its answer was complete"
                : "the upstream closed the connection without an answer";
  return Error{Code::kUnavailable, message, 502, {}, {}};
}

// --- The end

void HttpCall::EndAnswer() {
  answer_done_ = true;
  Report(OutcomeOfHttpStatus(buffers_->head.status));
  // Nobody will read any more of the request.
  if (!MayReuse()) lease_.End();
  ReleaseIfDone();
}

bool HttpCall::MayReuse() const {
  return buffers_->head.keep_alive && !lease_.connection()->closed() &&
         lease_.connection()->input().empty();
}

void HttpCall::ReleaseIfDone() {
  if (!request_done_ || !answer_done_ || !lease_.held()) return;
  if (MayReuse()) {
    lease_.GiveBack();
  } else {
    lease_.End();
  }
}

}  // namespace puente
