#include "proxy/http/listener.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <charconv>
#include <chrono>
#include <optional>

namespace puente {
namespace {

using boost::system::error_code;

constexpr std::string_view kUnixPrefix = "unix:";
// After an accept that failed for want of file descriptors, say: trying again at once would only
// burn CPU.
constexpr auto kAcceptBackoff = std::chrono::milliseconds(100);

tl::expected<asio::ip::tcp::endpoint, std::string> ParseTcp(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return tl::unexpected("not an address with a port: " + address);
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  error_code ec;
  const auto ip = asio::ip::make_address(host, ec);
  std::uint16_t port = 0;
  const char* end = address.data() + address.size();
  const auto parsed = std::from_chars(address.data() + colon + 1, end, port);
  if (ec || parsed.ec != std::errc() || parsed.ptr != end) {
    return tl::unexpected("not an IP address and port: " + address);
  }
  return asio::ip::tcp::endpoint(ip, port);
}

// A socket file whose process died stays behind, and would keep the next one from binding.
void RemoveStaleSocket(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  asio::io_context context;
  asio::local::stream_protocol::socket probe(context);
  error_code ec;
  probe.connect(asio::local::stream_protocol::endpoint(path), ec);
  if (ec == asio::error::connection_refused) unlink(path.c_str());
}

error_code Bind(Listener::Acceptor& acceptor,
                const asio::generic::stream_protocol::endpoint& endpoint) {
  error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  return ec;
}

// Counts a connection for as long as it lives, however its session ends.
class CountedConnection {
 public:
  CountedConnection(ConnectionLimit& limit, const ConnectionObserver& observer)
      : limit_(limit), observer_(observer) {
    observer_.opened();
  }
  ~CountedConnection() {
    observer_.closed();
    limit_.open.fetch_sub(1, std::memory_order_acq_rel);
  }
  CountedConnection(const CountedConnection&) = delete;
  CountedConnection& operator=(const CountedConnection&) = delete;

 private:
  ConnectionLimit& limit_;
  const ConnectionObserver& observer_;
};

class RegisteredSession {
 public:
  RegisteredSession(ConnectionRegistry& registry, Session& session)
      : registry_(registry), session_(session) {
    registry_.Add(session_);
  }
  ~RegisteredSession() { registry_.Remove(session_); }
  RegisteredSession(const RegisteredSession&) = delete;
  RegisteredSession& operator=(const RegisteredSession&) = delete;

 private:
  ConnectionRegistry& registry_;
  Session& session_;
};

}  // namespace

tl::expected<std::shared_ptr<Listener>, std::string> Listener::Open(Executor executor,
                                                                    const std::string& address) {
  Acceptor acceptor(executor);
  std::string unix_path;
  asio::generic::stream_protocol::endpoint endpoint;
  if (address.starts_with(kUnixPrefix)) {
    unix_path = address.substr(kUnixPrefix.size());
    RemoveStaleSocket(unix_path);
    endpoint = asio::local::stream_protocol::endpoint(unix_path);
  } else {
    const auto tcp = ParseTcp(address);
    if (!tcp) return tl::unexpected(tcp.error());
    endpoint = *tcp;
  }
  if (const error_code ec = Bind(acceptor, endpoint)) {
    return tl::unexpected("can't listen on " + address + ": " + ec.message());
  }
  return std::shared_ptr<Listener>(
      new Listener(std::move(acceptor), address, std::move(unix_path)));
}

Listener::Listener(Acceptor acceptor, std::string address, std::string unix_path)
    : acceptor_(std::move(acceptor)),
      address_(std::move(address)),
      unix_path_(std::move(unix_path)) {
  if (!unix_path_.empty()) return;
  const auto bound = acceptor_.local_endpoint();
  // The port stands at the same place in IPv4 and IPv6 addresses.
  port_ = ntohs(reinterpret_cast<const sockaddr_in*>(bound.data())->sin_port);
}

Listener::~Listener() {
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

std::string Listener::BoundAddress() const {
  if (!unix_path_.empty()) return address_;
  return address_.substr(0, address_.rfind(':') + 1) + std::to_string(port_);
}

void Listener::Start(Serving serving) {
  serving_ = std::move(serving);
  asio::co_spawn(acceptor_.get_executor(), Accept(shared_from_this()),
                 [](const std::exception_ptr&) {});
}

void Listener::Reconfigure(std::shared_ptr<const SessionOptions> options,
                           std::shared_ptr<asio::ssl::context> tls) {
  serving_.options = std::move(options);
  serving_.tls = std::move(tls);
}

bool Listener::AcceptNow() {
  error_code ec;
  SessionHost& host = NextHost();
  StreamSocket socket(host.executor);
  acceptor_.accept(socket, ec);
  if (!ec) Launch(std::move(socket), host);
  return !ec;
}

// With the shortest of queues next to none can come between the last accept and the end.
void Listener::AcceptLast() {
  constexpr int kShortestQueue = 0;
  error_code ignored;
  acceptor_.non_blocking(true, ignored);
  for (int i = 0; i < asio::socket_base::max_listen_connections && AcceptNow(); ++i) {
  }
  acceptor_.listen(kShortestQueue, ignored);
  while (AcceptNow()) {
  }
}

void Listener::Close() {
  error_code ignored;
  acceptor_.close(ignored);
}

Task<> Listener::Accept([[maybe_unused]] std::shared_ptr<Listener> self) {
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      backoff(acceptor_.get_executor());
  bool failing = false;
  while (acceptor_.is_open()) {
    SessionHost& host = NextHost();
    StreamSocket socket(host.executor);
    error_code ec;
    co_await acceptor_.async_accept(socket, asio::redirect_error(use_task, ec));
    if (!ec) {
      failing = false;
      Launch(std::move(socket), host);
      continue;
    }
    if (!acceptor_.is_open()) co_return;
    // Once for each time it begins: without file descriptors, say, it fails ten times a second.
    if (!std::exchange(failing, true)) {
      spdlog::warn("listener on {}: accepting connections fails: {}", address_, ec.message());
    }
    backoff.expires_after(kAcceptBackoff);
    co_await backoff.async_wait(asio::redirect_error(use_task, ec));
  }
}

SessionHost& Listener::NextHost() { return serving_.hosts[next_host_++ % serving_.hosts.size()]; }

void Listener::Launch(StreamSocket socket, SessionHost& host) {
  if (serving_.limit->open.fetch_add(1, std::memory_order_acq_rel) >= serving_.limit->max) {
    serving_.limit->open.fetch_sub(1, std::memory_order_acq_rel);
    serving_.observer.rejected();
    return;
  }
  // A function that can be copied, as the post wants it.
  auto shared = std::make_shared<StreamSocket>(std::move(socket));
  host.post(
      [self = shared_from_this(), shared, &host, options = serving_.options, tls = serving_.tls] {
        asio::co_spawn(host.executor,
                       self->ServeConnection(self, std::move(*shared), host, options, tls),
                       [](const std::exception_ptr& failure) {
                         try {
                           if (failure) std::rethrow_exception(failure);
                         } catch (const std::exception& e) {
                           spdlog::error("a connection ended with an exception: {}", e.what());
                         }
                       });
      });
}

Task<> Listener::ServeConnection([[maybe_unused]] std::shared_ptr<Listener> self,
                                 StreamSocket socket, SessionHost& host,
                                 std::shared_ptr<const SessionOptions> options,
                                 std::shared_ptr<asio::ssl::context> tls) {
  const CountedConnection counted(*serving_.limit, serving_.observer);
  const auto connection =
      std::make_shared<Connection>(std::move(socket), tls.get(), options->request.max_header_bytes);
  Session session(connection, *options, host.handler, host.draining);
  const RegisteredSession registered(host.connections, session);
  co_await session.Run();
}

}  // namespace puente
