#include "proxy/http/session.h"

#include <optional>

#include "proxy/http/framing_gate.h"

namespace puente {
namespace {

using std::chrono::steady_clock;

// How long a new connection may be silent before it counts as idle: its first request may be on its
// way.
constexpr auto kFirstRequestGrace = std::chrono::seconds(3);
// How long what still comes after the last answer is read, so that the answer is not lost to a TCP
// reset: at most, and while nothing comes.
constexpr auto kLingerTime = std::chrono::seconds(10);
constexpr auto kLingerPause = std::chrono::seconds(2);

}  // namespace

Session::Session(std::shared_ptr<Connection> connection, const SessionOptions& options,
                 RequestHandler& handler, const bool& draining)
    : connection_(std::move(connection)),
      options_(options),
      handler_(handler),
      draining_(draining) {
  client_.address = connection_->transport().PeerAddress();
  client_.tls = connection_->transport().is_tls();
}

bool Session::idle() const {
  return idle_ && (requests_ > 0 || steady_clock::now() - accepted_ > kFirstRequestGrace);
}

Task<> Session::Run() {
  bool open = co_await Handshake();
  while (open) open = co_await ServeOne();
  connection_->Close();
}

Task<bool> Session::Handshake() {
  if (!client_.tls) co_return true;
  connection_->SetDeadline(steady_clock::now() + options_.handshake_timeout);
  const auto ec = co_await connection_->transport().Handshake();
  connection_->ClearDeadline();
  if (ec || connection_->expired()) co_return false;
  client_.identity = connection_->transport().PeerIdentity();
  co_return true;
}

Task<bool> Session::ServeOne() {
  head_.Clear();
  connection_->ReadPieces(Connection::Piece::kHead);
  const Result<bool> read = co_await ReadHead();
  if (read && !*read) {
    co_await EndIdle();
    co_return false;
  }
  ++requests_;
  RequestParser parser(head_, options_.request);
  std::optional<Error> error;
  if (read) {
    error = parser.ParseHead();
  } else {
    error = read.error();
  }
  const bool last = error || requests_ == options_.max_requests;
  const ExchangeOptions exchange_options{options_.idle_timeout, options_.min_body_rate, !last,
                                         draining_};
  Exchange exchange(*connection_, parser, head_, client_, exchange_options);
  if (error) {
    co_await handler_.Refuse(exchange, *error);
  } else {
    co_await handler_.Handle(exchange);
  }
  bool open = exchange.keep_alive();
  if (open && !exchange.BodyComplete()) open = co_await exchange.DrainBody();
  if (!open && !connection_->closed()) co_await LingeringClose();
  co_return open;
}

Task<Result<bool>> Session::ReadHead() {
  // The first head has header_timeout from accept on, a later one from its first byte on.
  bool started = requests_ == 0 || !connection_->input().empty();
  connection_->SetDeadline(steady_clock::now() +
                           (started ? options_.header_timeout : options_.idle_timeout));
  std::size_t seen = 0;
  while (true) {
    Result<bool> taken = TakeHead(seen);
    if (!taken || *taken) {
      idle_ = false;
      connection_->ClearDeadline();
      co_return taken;
    }
    seen = connection_->input().size();
    idle_ = seen == 0;
    const bool filled = co_await connection_->Fill();
    if (!filled) {
      if (!connection_->AcknowledgeExpiry()) co_return false;
      if (!idle_) {
        co_return Fail(Code::kDeadlineExceeded, "the request head comes too slowly", 408);
      }
      // A request may have come just when the wait for it was given up.
      if (!connection_->HasUnreadInput()) co_return false;
    }
    if (!started || !filled) {
      started = true;
      connection_->SetDeadline(steady_clock::now() + options_.header_timeout);
    }
  }
}

Result<bool> Session::TakeHead(std::size_t seen) {
  while (connection_->input().starts_with("\r\n")) connection_->Consume(2);
  const std::string_view input = connection_->input();
  const std::size_t end = RequestParser::FindHeadEnd(input, seen);
  if (auto error = RequestParser::CheckHeadSize(input, end, options_.request)) {
    return tl::unexpected(*std::move(error));
  }
  if (end == 0) {
    if (auto error = CheckHeadBytes(input, seen)) return tl::unexpected(*std::move(error));
    return false;
  }
  head_.raw.assign(input.substr(0, end));
  connection_->Consume(end);
  return true;
}

Task<> Session::EndIdle() {
  if (connection_->closed()) co_return;
  connection_->SetDeadline(steady_clock::now() + kLingerPause);
  co_await connection_->transport().ShutdownWrite();
}

Task<> Session::LingeringClose() {
  const auto end = steady_clock::now() + kLingerTime;
  connection_->SetDeadline(steady_clock::now() + kLingerPause);
  co_await connection_->transport().ShutdownWrite();
  bool more = true;
  while (more && steady_clock::now() < end) {
    connection_->SetDeadline(steady_clock::now() + kLingerPause);
    more = co_await connection_->transport().DiscardSome();
  }
}

}  // namespace puente
