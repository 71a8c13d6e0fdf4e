// One connection to a collector that speaks HTTP/1.1, used by one thread that waits.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>

#include "config/collector.h"
#include "proxy/client_tls_files.h"
#include "proxy/http/name_lookup.h"
#include "proxy/telemetry/tracing/export_attempts.h"

namespace puente {

// Connects when it is first used, keeps the connection as long as the collector does, and makes a
// new one when it is needed. Every step ends by the deadline that it is given, and soon after a
// stop is requested.
class CollectorConnection {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  // Why there is no answer.
  struct Failure {
    std::string reason;
    bool may_retry = true;  // not when the peers do not agree on TLS
  };

  // The largest body of an answer; one that is larger is a failure.
  static constexpr std::size_t kMostAnswerBytes = 64 << 10;

  CollectorConnection(const CollectorUrl& url, const ClientTlsFiles& tls);

  // Sends `request` and reads the answer to it. A connection that was kept and turns out to be
  // closed is replaced at once, as the collector may end it at any time.
  tl::expected<Response, Failure> Exchange(const Request& request, ExportDeadline deadline,
                                           const std::stop_token& stop);

 private:
  using TlsStream = boost::asio::ssl::stream<boost::beast::tcp_stream&>;

  std::optional<Failure> Connect(ExportDeadline deadline, const std::stop_token& stop);
  std::optional<Failure> ConnectTo(const NameLookup::Addresses& addresses, ExportDeadline deadline,
                                   const std::stop_token& stop);
  std::optional<Failure> ShakeHands(ExportDeadline deadline, const std::stop_token& stop);
  tl::expected<Response, boost::system::error_code> SendAndReceive(const Request& request,
                                                                   const std::stop_token& stop);
  template <class Stream>
  tl::expected<Response, boost::system::error_code> SendAndReceiveOn(Stream& stream,
                                                                     const Request& request,
                                                                     const std::stop_token& stop);
  // Runs the operation that `start` begins, which takes a completion handler.
  template <class Start>
  boost::system::error_code Await(const std::stop_token& stop, Start start);
  void Disconnect();

  const CollectorUrl url_;
  const std::string server_name_;
  std::unique_ptr<boost::asio::ssl::context> tls_context_;  // for https
  std::optional<Failure> unusable_;                         // why there is no TLS
  NameLookup names_;
  boost::asio::io_context context_{1};
  std::optional<boost::beast::tcp_stream> socket_;
  std::optional<TlsStream> stream_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace puente
