#include "proxy/http/connection_registry.h"

namespace puente {
namespace {

constexpr auto kSweepInterval = std::chrono::milliseconds(100);

}  // namespace

void ConnectionRegistry::StartSweeping() {
  sweeping_ = true;
  AwaitNextSweep();
}

// Cancelling does not reach a timer that has expired and whose handler is already queued.
void ConnectionRegistry::StopSweeping() {
  sweeping_ = false;
  timer_.cancel();
}

void ConnectionRegistry::AwaitNextSweep() {
  timer_.expires_after(kSweepInterval);
  timer_.async_wait([this](boost::system::error_code ec) {
    if (ec || !sweeping_) return;
    Sweep();
    AwaitNextSweep();
  });
}

// Expire and Close only cancel what is under way: sessions end later, from the event loop, so the
// set does not change here.
void ConnectionRegistry::Sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (Session* session : sessions_) {
    if (session->connection().deadline() <= now) session->connection().Expire();
    session->connection().CheckPeer();
  }
}

// A session that expires while idle ends in order, unless a request has just come.
void ConnectionRegistry::CloseIdle() {
  for (Session* session : sessions_) {
    if (session->idle()) session->connection().Expire();
  }
}

void ConnectionRegistry::AskToEnd() {
  CloseIdle();
  for (Session* session : sessions_) session->connection().AskToEnd();
}

void ConnectionRegistry::CloseAll() {
  for (Session* session : sessions_) session->connection().Cut();
}

}  // namespace puente
