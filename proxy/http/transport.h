// A connection's byte stream, plain or TLS, TCP or Unix, accepted from a client or made to an
// upstream: who uses it does not see the difference.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "proxy/http/task.h"

namespace puente {

using StreamSocket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;

// Owns a connected socket. One thread at a time; one read and one write may be under way together.
// An operation under way keeps referring to the transport: destroy it only after both have ended
// (Close ends them).
class Transport {
 public:
  using ReadHandler = std::function<void(boost::system::error_code, std::size_t)>;
  using WriteHandler = ReadHandler;

  // `tls`: nullptr for a plain connection; otherwise it must outlive the transport.
  Transport(StreamSocket socket, asio::ssl::context* tls);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  Executor executor() { return socket().get_executor(); }
  bool is_tls() const { return tls_.has_value(); }

  // TLS handshake with a client; does nothing on a plain connection.
  Task<boost::system::error_code> Handshake();
  // TLS handshake with a server that must show a certificate for `server_name`, a host name (which
  // it is asked for by SNI) or an address; does nothing on a plain connection. The error says why
  // there is no connection, and does not repeat the name.
  Task<tl::expected<void, std::string>> HandshakeAsClient(std::string server_name);

  // Reads at least one byte. A peer that closed is asio::error::eof, also when a TLS peer left
  // without saying so (see was_truncated).
  void ReadSome(asio::mutable_buffer into, ReadHandler handler);

  // Reads what can be read without waiting, and returns how much; 0 also when the peer closed or
  // the connection broke, which ReadSome tells. Over TLS, nothing.
  std::size_t ReadNow(asio::mutable_buffer into);
  // Writes what can be written without waiting, and returns how much. Over TLS, nothing.
  std::size_t WriteNow(std::span<const asio::const_buffer> buffers);
  // Writes some of `buffers`, and returns how much.
  Task<std::size_t> WriteSome(std::span<const asio::const_buffer> buffers,
                              boost::system::error_code& ec);
  void WriteSome(asio::const_buffer bytes, WriteHandler handler);

  // Whether the peer has sent something that was not read yet.
  bool HasUnreadBytes() const;
  // Whether the peer has neither sent anything that was not read yet, nor closed. One system call.
  bool IsQuiet() const;
  // Whether a TLS peer left without saying so: what came before need not be all that it sent.
  bool was_truncated() const { return truncated_; }

  // Ends what is under way with operation_aborted; the connection stays open.
  void Cancel();
  // Says that nothing more will be written (TLS close_notify, then FIN).
  Task<> ShutdownWrite();
  // Reads and drops some of what still comes, undeciphered. False: the peer has closed, or Cancel.
  Task<bool> DiscardSome();
  void Close();
  // Closes with a TCP reset, so that the peer cannot take what it has for complete.
  void Reset();

  // Whether the peer has closed its side, also when there are bytes before that which were not
  // read.
  bool PeerHasClosed();

  // The peer's address without its port; "" for a Unix socket.
  std::string PeerAddress() const;
  // The SAN of the client's verified certificate, a URI before a DNS name; "" without one.
  std::string PeerIdentity() const;

 private:
  using TlsStream = asio::ssl::stream<StreamSocket&>;

  StreamSocket& socket() { return socket_; }
  void SetTcpOption(int option, int value);

  StreamSocket socket_;
  std::optional<TlsStream> tls_;
  bool truncated_ = false;
};

}  // namespace puente
