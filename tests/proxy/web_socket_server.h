// A listener whose WebSockets are served by a function of the test.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "proxy/http/listener.h"
#include "proxy/http/tls_context.h"
#include "proxy/http/web_socket.h"
#include "proxy/worker.h"
#include "tests/support/certificates.h"
#include "tests/support/wait_until.h"

namespace puente::test {

// What became of one WebSocket; the function of the test fills the first three.
struct SocketOutcome {
  std::vector<WebSocket::Event> events;
  std::uint16_t code = 0;  // of kClosed
  bool sent = true;        // the result of the last Send
  int status = 0;
  bool keep_alive = true;

  WebSocket::Event last() const { return events.back(); }
  void Add(const WebSocket::ReadResult& result) {
    events.push_back(result.event);
    code = result.code;
  }
};

// Serves WebSockets; any other request is answered with 200, and a bad handshake with its error.
class WebSocketServer : private RequestHandler {
 public:
  // Runs on the server's thread, once for each WebSocket that was accepted.
  using Script = std::function<Task<>(WebSocket&, SocketOutcome&)>;

  explicit WebSocketServer(Script script, WebSocket::Options options = {},
                           std::shared_ptr<asio::ssl::context> tls = nullptr)
      : script_(std::move(script)), options_(std::move(options)) {
    auto listener = Listener::Open(worker_.executor(), "127.0.0.1:0");
    if (!listener) throw std::runtime_error(listener.error());
    listener_ = *std::move(listener);
    worker_.Post([this, tls] {
      listener_->Start({hosts_, session_, tls, &limit_, {[] {}, [] {}, [] {}}});
    });
  }

  ~WebSocketServer() override {
    worker_.Post([this] { listener_->Close(); });
    CloseAll();
    WaitUntil([this] { return limit_.open == 0; });
  }

  std::uint16_t port() const { return listener_->port(); }

  // How many connections there are.
  std::size_t connections() const { return limit_.open; }

  void CloseAll() {
    worker_.Post([this] { worker_.connections().CloseAll(); });
  }

  // What became of the WebSockets, in the order in which they ended. Throws when none ends in time.
  SocketOutcome NextOutcome() {
    std::optional<SocketOutcome> outcome;
    WaitUntil([&] {
      const std::lock_guard lock(mutex_);
      if (outcomes_.empty()) return false;
      outcome = std::move(outcomes_.front());
      outcomes_.pop_front();
      return true;
    });
    return outcome.value();
  }

 private:
  Task<> Handle(Exchange& exchange) override {
    if (!IsWebSocketUpgrade(exchange.head())) {
      Response plain;
      co_await exchange.Respond(std::move(plain));
      co_return;
    }
    const auto good = CheckWebSocketHandshake(exchange.head());
    if (!good) {
      Response refusal = ErrorResponse(good.error());
      co_await exchange.Respond(std::move(refusal));
      co_return;
    }
    SocketOutcome outcome;
    co_await Serve(exchange, outcome);
    outcome.status = exchange.status();
    outcome.keep_alive = exchange.keep_alive();
    const std::lock_guard lock(mutex_);
    outcomes_.push_back(std::move(outcome));
  }

  Task<> Serve(Exchange& exchange, SocketOutcome& outcome) {
    WebSocket socket(exchange, options_);
    const bool accepted = co_await socket.Accept();
    if (accepted) co_await script_(socket, outcome);
  }

  Task<> Refuse(Exchange& exchange, const Error& error) override {
    Response refusal = ErrorResponse(error);
    co_await exchange.Respond(std::move(refusal));
  }

  const Script script_;
  const WebSocket::Options options_;
  const std::shared_ptr<const SessionOptions> session_ = std::make_shared<SessionOptions>();
  const bool draining_ = false;
  ConnectionLimit limit_;
  std::mutex mutex_;
  std::deque<SocketOutcome> outcomes_;
  Worker worker_{0};
  std::vector<SessionHost> hosts_{
      {worker_.executor(),
       [this](std::function<void()> action) { worker_.Post(std::move(action)); },
       worker_.connections(), *this, draining_}};
  std::shared_ptr<Listener> listener_;
};

inline std::shared_ptr<asio::ssl::context> ServerTlsContext(const KeyPair& keys) {
  config::ServerTls config;
  config.set_certificate(keys.certificate);
  config.set_private_key(keys.private_key);
  std::vector<Problem> problems;
  auto context = MakeTlsContext(config, problems);
  if (!context) throw std::runtime_error(ToString(problems.front()));
  return context;
}

// Sends back what it reads, until something else comes.
inline Task<> Echo(WebSocket& socket, SocketOutcome& outcome) {
  std::string message;
  WebSocket::ReadResult result = co_await socket.Read(message);
  while (result.event == WebSocket::Event::kText) {
    outcome.sent = co_await socket.Send(message);
    result = co_await socket.Read(message);
  }
  outcome.Add(result);
}

// A server that only echoes.
struct EchoServer : WebSocketServer {
  explicit EchoServer(WebSocket::Options options = {},
                      std::shared_ptr<asio::ssl::context> tls = nullptr)
      : WebSocketServer(Echo, std::move(options), std::move(tls)) {}
};

}  // namespace puente::test
