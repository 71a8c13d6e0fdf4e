#include "proxy/http/transport.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace puente {
namespace {

using boost::system::error_code;

// How much of what was written the system keeps beside what is on its way. Without a bound it takes
// megabytes, and reports progress only once a third of that is gone: a client that reads slowly
// would look like one that does not read at all.
constexpr int kUnsentBytes = 131072;
// In seconds: when a quiet connection is asked whether it still lives, and how often until it
// counts as lost.
constexpr int kKeepAliveIdle = 60;
constexpr int kKeepAliveInterval = 15;
constexpr int kKeepAliveProbes = 4;

// Has the server asked for `name`, and its certificate checked for it. False: no certificate could
// have it.
bool ExpectServer(SSL* session, const std::string& name) {
  X509_VERIFY_PARAM* const expected = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1) return true;
  ERR_clear_error();
  return SSL_set_tlsext_host_name(session, name.c_str()) == 1 &&
         X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size()) == 1;
}

// Why `ec` ended a handshake of `session`.
std::string HandshakeProblem(SSL* session, error_code ec) {
  const long verified = SSL_get_verify_result(session);
  ERR_clear_error();
  return verified == X509_V_OK ? ec.message() : X509_verify_cert_error_string(verified);
}

std::string SanOfType(const GENERAL_NAMES& names, int type) {
  for (int i = 0; i < sk_GENERAL_NAME_num(&names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(&names, i);
    if (name->type != type) continue;
    // Names with other than printable ASCII are nobody's that could be written into a header.
    const ASN1_IA5STRING* text =
        type == GEN_URI ? name->d.uniformResourceIdentifier : name->d.dNSName;
    std::string san(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                    static_cast<std::size_t>(ASN1_STRING_length(text)));
    if (std::ranges::all_of(san, [](char c) { return c > 0x20 && c < 0x7f; })) return san;
  }
  return {};
}

}  // namespace

Transport::Transport(StreamSocket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
  if (tls != nullptr) tls_.emplace(socket_, *tls);
  // None of them says anything to a socket that is not TCP.
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  SetTcpOption(TCP_NOTSENT_LOWAT, kUnsentBytes);
  // A client that vanished without a word would otherwise keep its stream for ever.
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  SetTcpOption(TCP_KEEPIDLE, kKeepAliveIdle);
  SetTcpOption(TCP_KEEPINTVL, kKeepAliveInterval);
  SetTcpOption(TCP_KEEPCNT, kKeepAliveProbes);
}

void Transport::SetTcpOption(int option, int value) {
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, option, &value, sizeof(value));
}

Task<error_code> Transport::Handshake() {
  error_code ec;
  if (tls_) {
    co_await tls_->async_handshake(asio::ssl::stream_base::server,
                                   asio::redirect_error(use_task, ec));
  }
  co_return ec;
}

Task<tl::expected<void, std::string>> Transport::HandshakeAsClient(std::string server_name) {
  if (!tls_) co_return tl::expected<void, std::string>();
  SSL* const session = tls_->native_handle();
  if (!ExpectServer(session, server_name)) {
    co_return tl::unexpected(std::string("not a name that a certificate could have"));
  }
  error_code ec;
  co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                 asio::redirect_error(use_task, ec));
  if (ec) co_return tl::unexpected(HandshakeProblem(session, ec));
  co_return tl::expected<void, std::string>();
}

void Transport::ReadSome(asio::mutable_buffer into, ReadHandler handler) {
  auto done = [this, handler = std::move(handler)](error_code ec, std::size_t bytes) {
    if (ec == asio::ssl::error::stream_truncated) {
      truncated_ = true;
      ec = asio::error::eof;
    }
    handler(ec, bytes);
  };
  if (tls_) {
    tls_->async_read_some(into, std::move(done));
  } else {
    socket_.async_read_some(into, std::move(done));
  }
}

std::size_t Transport::ReadNow(asio::mutable_buffer into) {
  error_code ignored;
  return tls_ ? 0 : socket_.read_some(into, ignored);
}

std::size_t Transport::WriteNow(std::span<const asio::const_buffer> buffers) {
  error_code ignored;
  if (tls_) return 0;
  // Of one buffer, the system need not be given a list.
  return buffers.size() == 1 ? socket_.write_some(buffers.front(), ignored)
                             : socket_.write_some(buffers, ignored);
}

Task<std::size_t> Transport::WriteSome(std::span<const asio::const_buffer> buffers,
                                       error_code& ec) {
  std::size_t written = 0;
  if (tls_) {
    written = co_await tls_->async_write_some(buffers, asio::redirect_error(use_task, ec));
  } else {
    written = co_await socket_.async_write_some(buffers, asio::redirect_error(use_task, ec));
  }
  co_return written;
}

void Transport::WriteSome(asio::const_buffer bytes, WriteHandler handler) {
  if (tls_) {
    tls_->async_write_some(bytes, std::move(handler));
  } else {
    socket_.async_write_some(bytes, std::move(handler));
  }
}

bool Transport::HasUnreadBytes() const {
  if (tls_ && SSL_pending(const_cast<TlsStream&>(*tls_).native_handle()) > 0) return true;
  error_code ec;
  return socket_.available(ec) > 0;
}

bool Transport::IsQuiet() const {
  if (tls_ && SSL_pending(const_cast<TlsStream&>(*tls_).native_handle()) > 0) return false;
  pollfd socket{.fd = const_cast<StreamSocket&>(socket_).native_handle(),
                .events = POLLIN | POLLRDHUP,
                .revents = 0};
  return poll(&socket, 1, 0) == 0;
}

void Transport::Cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

Task<> Transport::ShutdownWrite() {
  error_code ec;
  if (tls_) {
    // The peer's own close_notify is not waited for: the session discards input until it closes
    // anyway.
    SSL_set_shutdown(tls_->native_handle(),
                     SSL_get_shutdown(tls_->native_handle()) | SSL_RECEIVED_SHUTDOWN);
    co_await tls_->async_shutdown(asio::redirect_error(use_task, ec));
  }
  socket_.shutdown(StreamSocket::shutdown_send, ec);
}

Task<bool> Transport::DiscardSome() {
  std::array<char, 16384> discarded;
  error_code ec;
  co_await socket_.async_read_some(asio::buffer(discarded), asio::redirect_error(use_task, ec));
  co_return !ec;
}

void Transport::Close() {
  error_code ignored;
  socket_.close(ignored);
}

void Transport::Reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

bool Transport::PeerHasClosed() {
  pollfd socket{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  return poll(&socket, 1, 0) == 1;
}

std::string Transport::PeerAddress() const {
  error_code ec;
  const auto endpoint = socket_.remote_endpoint(ec);
  if (ec || (endpoint.protocol().family() != AF_INET && endpoint.protocol().family() != AF_INET6)) {
    return {};
  }
  asio::ip::tcp::endpoint tcp;
  if (endpoint.size() > tcp.capacity()) return {};
  std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
  tcp.resize(endpoint.size());
  auto address = tcp.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

std::string Transport::PeerIdentity() const {
  if (!tls_) return {};
  SSL* ssl = const_cast<TlsStream&>(*tls_).native_handle();
  const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(ssl),
                                                           X509_free);
  if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK) return {};
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  if (!names) return {};
  std::string identity = SanOfType(*names, GEN_URI);
  return identity.empty() ? SanOfType(*names, GEN_DNS) : identity;
}

}  // namespace puente
