#include "tests/support/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/support/wait_until.h"

namespace puente::test {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

Context MakeContext(const RawServer::Tls& tls) {
  Context context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate.certificate.c_str());
  SSL_CTX_use_PrivateKey_file(context.get(), tls.certificate.private_key.c_str(), SSL_FILETYPE_PEM);
  if (!tls.client_ca.empty()) {
    SSL_CTX_load_verify_locations(context.get(), tls.client_ca.c_str(), nullptr);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

sockaddr_in LoopbackAddress(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void AllowReuse(int fd) {
  const int reuse = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
}

// A server may listen again where one has listened before, though the system still remembers its
// connections: both must allow that. Not while any free port is looked for: it would be less free.
int BoundSocket(std::uint16_t port = 0) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = LoopbackAddress(port);
  if (port != 0) AllowReuse(fd);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("raw server: bind");
  }
  AllowReuse(fd);
  return fd;
}

std::uint16_t PortOf(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// A session of TLS on `fd`, after its handshake; throws when that fails.
std::unique_ptr<SSL, FreeSession> ShakeHands(SSL_CTX& context, int fd) {
  std::unique_ptr<SSL, FreeSession> session(SSL_new(&context));
  SSL_set_fd(session.get(), fd);
  if (SSL_accept(session.get()) != 1) throw std::runtime_error("raw server: handshake");
  return session;
}

}  // namespace

struct RawServer::State {
  Script script;
  Context tls;
  int listener = -1;
  std::atomic<std::size_t> requests{0};
  std::atomic<std::size_t> open{0};
  mutable std::mutex mutex;  // of what follows
  bool stopping = false;
  std::string server_name;
  std::list<int> sockets;
  std::list<std::thread> threads;
  std::size_t accepted = 0;
  std::thread acceptor;

  void Accept();
  void Serve(int fd, std::size_t number);
  void Forget(int fd);
};

namespace {

class PlainOrTls final : public RawServer::Connection {
 public:
  PlainOrTls(int fd, SSL* session, std::size_t number, std::atomic<std::size_t>& requests)
      : fd_(fd), session_(session), number_(number), requests_(requests) {}

  std::size_t number() const override { return number_; }

  std::string ReadHead() override {
    std::string head = ReadUntil("\r\n\r\n");
    ++requests_;
    return head;
  }

  std::string ReadUntil(std::string_view end) override {
    auto at = input_.find(end);
    while (at == std::string::npos) {
      Receive();
      at = input_.find(end);
    }
    return Take(at + end.size());
  }

  std::string ReadExactly(std::size_t bytes) override {
    while (input_.size() < bytes) Receive();
    return Take(bytes);
  }

  void AwaitClose() override {
    while (true) Receive();
  }

  void Await(const std::function<bool()>& condition) override {
    if (!WaitUntil(condition)) throw std::runtime_error("raw server: waited in vain");
  }

  void Send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto sent = session_ != nullptr
                            ? SSL_write(session_, bytes.data(), static_cast<int>(bytes.size()))
                            : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("raw server: send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void SendBytewise(std::string_view bytes) override {
    for (std::size_t i = 0; i < bytes.size(); ++i) Send(bytes.substr(i, 1));
  }

  void ResetOnClose() override {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

 private:
  std::string Take(std::size_t bytes) {
    std::string taken = input_.substr(0, bytes);
    input_.erase(0, bytes);
    return taken;
  }

  void Receive() {
    std::array<char, 65536> bytes;
    const auto received = session_ != nullptr
                              ? SSL_read(session_, bytes.data(), static_cast<int>(bytes.size()))
                              : ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (received <= 0) throw std::runtime_error("raw server: the client closed");
    input_.append(bytes.data(), static_cast<std::size_t>(received));
  }

  const int fd_;
  SSL* const session_;
  const std::size_t number_;
  std::atomic<std::size_t>& requests_;
  std::string input_;
};

}  // namespace

void RawServer::State::Accept() {
  while (true) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex);
    if (stopping) {
      if (fd >= 0) ::close(fd);
      return;
    }
    if (fd < 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval patience{kPatience.count(), 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockets.push_back(fd);
    ++open;
    threads.emplace_back([this, fd, number = accepted++] { Serve(fd, number); });
  }
}

void RawServer::State::Serve(int fd, std::size_t number) {
  std::unique_ptr<SSL, FreeSession> session;
  try {
    if (tls) session = ShakeHands(*tls, fd);
    if (const char* name =
            session ? SSL_get_servername(session.get(), TLSEXT_NAMETYPE_host_name) : nullptr) {
      const std::lock_guard lock(mutex);
      server_name = name;
    }
    PlainOrTls connection(fd, session.get(), number, requests);
    script(connection);
    if (session) SSL_shutdown(session.get());
  } catch (const std::runtime_error&) {
    // The end of the script.
  }
  session.reset();
  Forget(fd);
}

void RawServer::State::Forget(int fd) {
  const std::lock_guard lock(mutex);
  sockets.remove(fd);
  ::close(fd);
  --open;
}

RawServer::RawServer(Script script, std::optional<Tls> tls, std::uint16_t port)
    : state_(std::make_unique<State>()) {
  // OpenSSL writes without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  state_->script = std::move(script);
  if (tls) state_->tls = MakeContext(*tls);
  state_->listener = BoundSocket(port);
  ::listen(state_->listener, SOMAXCONN);
  state_->acceptor = std::thread([state = state_.get()] { state->Accept(); });
}

RawServer::~RawServer() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    for (const int fd : state_->sockets) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(state_->listener, SHUT_RDWR);
  state_->acceptor.join();
  ::close(state_->listener);
  for (std::thread& thread : state_->threads) thread.join();
}

std::uint16_t RawServer::port() const { return PortOf(state_->listener); }

std::string RawServer::address() const { return "127.0.0.1:" + std::to_string(port()); }

std::size_t RawServer::connection_count() const {
  const std::lock_guard lock(state_->mutex);
  return state_->accepted;
}

std::size_t RawServer::open_count() const { return state_->open; }

std::size_t RawServer::request_count() const { return state_->requests; }

std::string RawServer::server_name() const {
  const std::lock_guard lock(state_->mutex);
  return state_->server_name;
}

// It was this server's a moment ago, and the system does not give it away again soon.
std::uint16_t RawServer::UnusedPort() {
  const int fd = BoundSocket();
  const std::uint16_t port = PortOf(fd);
  ::close(fd);
  return port;
}

}  // namespace puente::test
