#include "tests/support/client_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace puente::test {
namespace {

using Clock = std::chrono::steady_clock;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};

[[noreturn]] void Throw(std::string_view what) {
  throw ClientError(fmt::format("client: {}", what));
}

std::string SystemError() { return std::strerror(errno); }

std::string TlsError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "the connection was closed";
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

std::unique_ptr<SSL_CTX, FreeContext> MakeContext(const ClientTls& tls) {
  std::unique_ptr<SSL_CTX, FreeContext> context(SSL_CTX_new(TLS_client_method()));
  bool good = SSL_CTX_load_verify_locations(context.get(), tls.ca.c_str(), nullptr) == 1;
  if (!tls.certificate.empty()) {
    good =
        good && SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate.c_str()) == 1 &&
        SSL_CTX_use_PrivateKey_file(context.get(), tls.private_key.c_str(), SSL_FILETYPE_PEM) == 1;
  }
  if (!good) Throw("cannot load the TLS files: " + TlsError());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_max_proto_version(context.get(), tls.max_version);
  // A partial write is continued with what is left, from wherever that lies.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

bool IsEndOfConnection(int error) {
  return error == ECONNRESET || error == EPIPE || error == ENOTCONN;
}

void IgnoreBrokenPipes() {
  static const bool done = std::signal(SIGPIPE, SIG_IGN) != SIG_ERR;
  if (!done) Throw("cannot ignore SIGPIPE");
}

}  // namespace

struct ClientSocket::Connection {
  ~Connection() { Close(); }

  void Close() {
    session.reset();
    if (fd >= 0) ::close(std::exchange(fd, -1));
  }

  bool Poll(short events, Clock::time_point deadline) const {
    if (fd < 0) Throw("the connection has been closed by the test");
    while (true) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      pollfd entry{fd, events, 0};
      const int ready = ::poll(&entry, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
      if (ready > 0) return true;
      if (ready == 0) return false;
      if (errno != EINTR) Throw("poll: " + SystemError());
    }
  }

  void WaitFor(short events, std::string_view what) const {
    if (!Poll(events, Clock::now() + options.patience)) {
      Throw(fmt::format("{} took longer than {} ms", what, options.patience.count()));
    }
  }

  void Open(std::uint16_t port) {
    fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) Throw("socket: " + SystemError());
    if (options.receive_buffer_bytes > 0) {
      ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer_bytes, sizeof(int));
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int refused = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    if (refused != 0 && errno != EINPROGRESS) Throw("connect: " + SystemError());
    WaitFor(POLLOUT, "connecting");
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) Throw(fmt::format("connect to port {}: {}", port, std::strerror(error)));
  }

  void ShakeHands() {
    const ClientTls& tls = *options.tls;
    const auto context = MakeContext(tls);
    session.reset(SSL_new(context.get()));
    SSL_set_fd(session.get(), fd);
    SSL_set_tlsext_host_name(session.get(), tls.server_name.c_str());
    SSL_set1_host(session.get(), tls.server_name.c_str());
    while (true) {
      const int result = SSL_connect(session.get());
      if (result == 1) return;
      if (!WaitForTls(result, "the TLS handshake")) Throw("TLS handshake: " + TlsError());
    }
  }

  // After `result` of a TLS operation: waits for what it wants. False: it failed for good.
  bool WaitForTls(int result, std::string_view what) {
    switch (SSL_get_error(session.get(), result)) {
      case SSL_ERROR_WANT_READ:
        WaitFor(POLLIN, what);
        return true;
      case SSL_ERROR_WANT_WRITE:
        WaitFor(POLLOUT, what);
        return true;
      default:
        return false;
    }
  }

  bool WritePlain(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        WaitFor(POLLOUT, "sending");
      } else if (IsEndOfConnection(errno)) {
        return false;
      } else if (errno != EINTR) {
        Throw("send: " + SystemError());
      }
    }
    return true;
  }

  bool WriteTls(std::string_view bytes) {
    while (!bytes.empty()) {
      std::size_t sent = 0;
      const int result = SSL_write_ex(session.get(), bytes.data(), bytes.size(), &sent);
      if (result == 1) {
        bytes.remove_prefix(sent);
      } else if (!WaitForTls(result, "sending")) {
        ERR_clear_error();
        return false;
      }
    }
    return true;
  }

  bool ReadPlain(std::string& buffer) {
    while (true) {
      std::array<char, 65536> bytes;
      const ssize_t received = ::recv(fd, bytes.data(), bytes.size(), 0);
      if (received > 0) {
        buffer.append(bytes.data(), static_cast<std::size_t>(received));
        return true;
      }
      if (received == 0) return false;
      if (errno == EAGAIN) {
        WaitFor(POLLIN, "waiting for the answer");
      } else if (IsEndOfConnection(errno)) {
        reset = errno == ECONNRESET;
        return false;
      } else if (errno != EINTR) {
        Throw("recv: " + SystemError());
      }
    }
  }

  bool ReadTls(std::string& buffer) {
    while (true) {
      std::array<char, 65536> bytes;
      std::size_t received = 0;
      const int result = SSL_read_ex(session.get(), bytes.data(), bytes.size(), &received);
      if (result == 1) {
        buffer.append(bytes.data(), received);
        return true;
      }
      if (SSL_get_error(session.get(), result) == SSL_ERROR_ZERO_RETURN) return false;
      if (!WaitForTls(result, "waiting for the answer")) {
        ERR_clear_error();
        // No close_notify: to TLS a truncation, whether by FIN, RST or alert.
        reset = true;
        return false;
      }
    }
  }

  ClientOptions options;
  int fd = -1;
  std::unique_ptr<SSL, FreeSession> session;
  bool reset = false;
};

ClientSocket::ClientSocket(std::uint16_t port, ClientOptions options)
    : connection_(std::make_unique<Connection>()) {
  IgnoreBrokenPipes();
  connection_->options = std::move(options);
  connection_->Open(port);
  if (connection_->options.tls) connection_->ShakeHands();
}

ClientSocket::~ClientSocket() = default;
ClientSocket::ClientSocket(ClientSocket&&) noexcept = default;
ClientSocket& ClientSocket::operator=(ClientSocket&&) noexcept = default;

bool ClientSocket::Write(std::string_view bytes) {
  return connection_->session ? connection_->WriteTls(bytes) : connection_->WritePlain(bytes);
}

bool ClientSocket::Read(std::string& buffer) {
  return connection_->session ? connection_->ReadTls(buffer) : connection_->ReadPlain(buffer);
}

bool ClientSocket::IsReadable(std::chrono::milliseconds patience) {
  if (connection_->session && SSL_pending(connection_->session.get()) > 0) return true;
  return connection_->Poll(POLLIN, Clock::now() + patience);
}

bool ClientSocket::was_reset() const { return connection_->reset; }

void ClientSocket::HalfClose() {
  if (connection_->session) SSL_shutdown(connection_->session.get());
  ::shutdown(connection_->fd, SHUT_WR);
}

void ClientSocket::Reset() {
  const linger at_once{1, 0};
  ::setsockopt(connection_->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  Close();
}

void ClientSocket::Close() { connection_->Close(); }

std::string ClientSocket::tls_version() const {
  return connection_->session ? SSL_get_version(connection_->session.get()) : "";
}

std::uint16_t ClientSocket::local_port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(connection_->fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

}  // namespace puente::test
