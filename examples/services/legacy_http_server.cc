#include "examples/services/legacy_http_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace puente::examples {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kMaxConnections = 1024;
// After an accept that failed for want of file descriptors, say.
constexpr std::chrono::milliseconds kAcceptBackoff{100};

tl::expected<tcp::endpoint, std::string> ParseAddress(const std::string& address) {
  const auto colon = std::min(address.rfind(':'), address.size());
  error_code ec;
  const auto ip = asio::ip::make_address(address.substr(0, colon), ec);
  const auto digits = std::string_view(address).substr(std::min(colon + 1, address.size()));
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (ec || error != std::errc() || end != digits.data() + digits.size()) {
    return tl::unexpected(fmt::format("'{}' is not of the form IP:port", address));
  }
  return tcp::endpoint(ip, port);
}

error_code Listen(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  return ec;
}

// One more in `count` for as long as it lives.
class Counted {
 public:
  explicit Counted(int& count) : count_(++count) {}
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  int& count_;
};

asio::awaitable<void> ServeCounted(tcp::socket socket, const LegacyHandler& handler, int& count) {
  const Counted counted(count);
  co_await ServeLegacySession(std::move(socket), handler);
}

}  // namespace

// All that lives from Start to Stop. Connections that are open at the end go with the context,
// which is why it comes after what they use.
struct LegacyHttpServer::Running {
  explicit Running(const LegacyHandler& handler) : handler(handler) {}
  ~Running() {
    context.stop();
    if (thread.joinable()) thread.join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  asio::awaitable<void> Accept();
  void Admit(tcp::socket socket);

  const LegacyHandler& handler;
  int connections = 0;  // on the thread only
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  std::thread thread;
};

asio::awaitable<void> LegacyHttpServer::Running::Accept() {
  while (true) {
    error_code ec;
    tcp::socket socket(context);
    co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
    if (!ec) {
      Admit(std::move(socket));
      continue;
    }
    asio::steady_timer backoff(context, kAcceptBackoff);
    co_await backoff.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
}

void LegacyHttpServer::Running::Admit(tcp::socket socket) {
  if (connections >= kMaxConnections) return;  // closes it
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  asio::co_spawn(context, ServeCounted(std::move(socket), handler, connections), asio::detached);
}

LegacyHttpServer::LegacyHttpServer(LegacyHandler handler) : handler_(std::move(handler)) {}

LegacyHttpServer::~LegacyHttpServer() { Stop(); }

tl::expected<void, std::string> LegacyHttpServer::Start(const std::string& address) {
  if (running_ != nullptr) return {};
  const auto endpoint = ParseAddress(address);
  if (!endpoint) return tl::unexpected(endpoint.error());
  auto running = std::make_unique<Running>(handler_);
  if (const error_code ec = Listen(running->acceptor, *endpoint)) {
    return tl::unexpected(fmt::format("cannot listen on {}: {}", address, ec.message()));
  }
  port_ = running->acceptor.local_endpoint().port();
  asio::co_spawn(running->context, running->Accept(), asio::detached);
  running->thread = std::thread([&context = running->context] { context.run(); });
  running_ = std::move(running);
  return {};
}

void LegacyHttpServer::Stop() { running_.reset(); }

}  // namespace puente::examples
