#include "proxy/call/tunnelled_call.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/http/event.h"
#include "proxy/http/response.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::string_view kProtocol = "websocket";
constexpr int kSwitchingProtocols = 101;
// How long the upstream may take to end when the client has.
constexpr auto kFarewellTime = std::chrono::seconds(2);

class Tunnel {
 public:
  Tunnel(RequestContext& context, HttpCall& call)
      : outcome_(context.outcome),
        idle_timeout_(context.snapshot->idle_timeout()),
        client_(context.exchange.SwitchProtocols()),
        call_(call),
        client_done_(context.exchange.executor()) {}
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  Task<> Serve(const std::vector<Header>& headers) {
    call_.SetDeadline(std::nullopt);
    client_.OnAskedToEnd([this] { OnShutdown(); });
    NoteActivity();
    const bool answered = co_await Answer(headers);
    if (answered) co_await PassOn();
    call_.Cancel();
    client_.OnAskedToEnd(nullptr);
    client_.ClearDeadline();
  }

 private:
  Task<bool> Answer(const std::vector<Header>& headers) {
    std::string head;
    AppendHead({.status = kSwitchingProtocols, .framing = BodyFraming::kNone}, headers, head);
    co_return co_await Send(head);
  }

  Task<> PassOn() {
    asio::co_spawn(client_.transport().executor(), FromClient(),
                   [this](const std::exception_ptr& failure) {
                     if (failure) std::rethrow_exception(failure);
                     client_done_.Set();
                   });
    co_await FromUpstream();
    stopping_ = true;
    call_.Cancel();
    client_.WakeReader();
    co_await client_done_.Wait();
  }

  Task<> FromClient() {
    bool taken = true;
    while (taken && !stopping_) {
      if (client_.input().empty()) {
        const bool filled = co_await client_.Fill();
        if (!filled) break;
      }
      // A copy: while it is being sent, more may come.
      const std::string piece(client_.input());
      client_.Consume(piece.size());
      NoteActivity();
      call_.SetDeadline(steady_clock::now() + idle_timeout_);
      taken = co_await call_.WriteBody(piece);
      call_.SetDeadline(std::nullopt);
      if (taken) outcome_.received += piece.size();
    }
    if (!stopping_ && taken) co_await EndOfClient();
  }

  Task<> EndOfClient() {
    if (client_.expired()) {
      outcome_.flag = sending_ ? AccessLogFlag::kClientSlow : AccessLogFlag::kRequestTimeout;
      call_.Cancel();
    } else {
      call_.SetDeadline(steady_clock::now() + kFarewellTime, DeadlineBy::kClient);
      co_await call_.EndBody();
    }
  }

  Task<> FromUpstream() {
    Result<bool> more = true;
    bool taken = true;
    while (taken && more && *more) {
      std::string piece;
      more = co_await call_.ReadBodySome(piece);
      NoteActivity();
      taken = co_await Send(piece);
      if (taken) outcome_.sent += piece.size();
    }
    const bool is_own_end = stopping_ || client_.closed() || client_.expired();
    if (more || is_own_end) co_return;
    // The upstream has broken off, and so does the answer to the client.
    outcome_.NoteFailure(more.error());
    client_.Close();
  }

  Task<bool> Send(std::string_view bytes) {
    sending_ = true;
    const bool sent = co_await client_.Write(bytes, {}, idle_timeout_);
    sending_ = false;
    co_return sent;
  }

  void NoteActivity() {
    if (!client_.expired()) client_.SetDeadline(steady_clock::now() + idle_timeout_);
  }

  void OnShutdown() {
    outcome_.flag = AccessLogFlag::kShutdown;
    stopping_ = true;
    call_.Cancel();
    if (sending_) client_.Close();
  }

  RequestOutcome& outcome_;
  const nanoseconds idle_timeout_;
  Connection& client_;
  HttpCall& call_;
  Event client_done_;
  bool sending_ = false;  // to the client
  bool stopping_ = false;
};

}  // namespace

std::vector<HeaderView> UpgradeHeaders() {
  return {{"Connection", "Upgrade"}, {"Upgrade", kProtocol}};
}

bool BeginsWebSocket(const HttpResponseHead& head) {
  const std::string_view* protocol = FindHeader(head.headers, "upgrade");
  return protocol != nullptr && EqualsIgnoreCase(*protocol, kProtocol);
}

Task<> ServeTunnel(RequestContext& context, HttpCall& call, std::vector<Header> headers) {
  for (const HeaderView& header : UpgradeHeaders()) {
    headers.push_back({std::string(header.name), std::string(header.value)});
  }
  headers.push_back({"x-request-id", context.id});
  Tunnel tunnel(context, call);
  co_await tunnel.Serve(headers);
}

}  // namespace puente
