#include "proxy/telemetry/tracing/collector_connection.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "proxy/client_tls_context.h"

namespace puente {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Failure = CollectorConnection::Failure;

// Whether a connection that was idle has just been found to be closed.
bool IsStale(error_code error) {
  return error == http::error::end_of_stream || error == asio::error::connection_reset ||
         error == asio::error::broken_pipe || error == asio::error::eof ||
         error == ssl::error::stream_truncated;
}

std::string ReasonOf(error_code error) {
  if (error == beast::error::timeout) return "no answer in time";
  if (error == http::error::end_of_stream) return "the collector closed the connection";
  if (error == http::error::body_limit) return "the collector's answer is too large";
  return error.message();
}

}  // namespace

CollectorConnection::CollectorConnection(const CollectorUrl& url, const ClientTlsFiles& tls)
    : url_(url),
      server_name_(tls.server_name.empty() ? url.host : tls.server_name),
      names_(url.host, url.port) {
  if (!url.tls) return;
  auto context = MakeClientTlsContext(tls);
  if (context) {
    tls_context_ = *std::move(context);
  } else {
    unusable_ = Failure{context.error(), /*may_retry=*/false};
  }
}

template <class Start>
error_code CollectorConnection::Await(const std::stop_token& stop, Start start) {
  // Handlers run here, within run(), so this needs no lock.
  const std::stop_callback on_stop(stop, [this] {
    asio::post(context_, [this] {
      if (socket_) socket_->close();
    });
  });
  error_code result = asio::error::operation_aborted;
  context_.restart();
  start([&result](error_code error, auto&&...) { result = error; });
  context_.run();
  return stop.stop_requested() ? error_code(asio::error::operation_aborted) : result;
}

tl::expected<CollectorConnection::Response, Failure> CollectorConnection::Exchange(
    const Request& request, ExportDeadline deadline, const std::stop_token& stop) {
  if (unusable_) return tl::unexpected(*unusable_);
  const bool kept = socket_.has_value();
  if (!kept) {
    if (auto failure = Connect(deadline, stop)) return tl::unexpected(*std::move(failure));
  }
  socket_->expires_at(deadline);
  auto response = SendAndReceive(request, stop);
  if (response) {
    if (!response->keep_alive()) Disconnect();
    return *std::move(response);
  }
  Disconnect();
  if (kept && IsStale(response.error())) return Exchange(request, deadline, stop);
  // Of TLS 1.3 a server refuses the client's certificate only now.
  const bool disagree = response.error().category() == asio::error::get_ssl_category();
  return tl::unexpected(Failure{ReasonOf(response.error()), !disagree});
}

std::optional<Failure> CollectorConnection::Connect(ExportDeadline deadline,
                                                    const std::stop_token& stop) {
  const auto addresses = names_.Find(deadline, stop);
  if (!addresses) return Failure{addresses.error()};
  auto failure = ConnectTo(*addresses, deadline, stop);
  if (!failure && tls_context_) failure = ShakeHands(deadline, stop);
  if (failure) Disconnect();
  return failure;
}

// Each address gets an equal share of the time that is left, so that one that is silent does not
// hide the others.
std::optional<Failure> CollectorConnection::ConnectTo(const NameLookup::Addresses& addresses,
                                                      ExportDeadline deadline,
                                                      const std::stop_token& stop) {
  error_code error = asio::error::host_not_found;
  std::size_t left = addresses.size();
  for (const auto& address : addresses) {
    const auto now = Clock::now();
    if (now >= deadline || stop.stop_requested()) break;
    socket_.emplace(context_);
    socket_->expires_at(now + (deadline - now) / static_cast<int>(left--));
    error = Await(stop, [&](auto handler) { socket_->async_connect(address, handler); });
    if (!error) {
      socket_->socket().set_option(asio::ip::tcp::no_delay(true), error);
      return std::nullopt;
    }
  }
  return Failure{ReasonOf(error)};
}

std::optional<Failure> CollectorConnection::ShakeHands(ExportDeadline deadline,
                                                       const std::stop_token& stop) {
  stream_.emplace(*socket_, *tls_context_);
  error_code is_name;
  asio::ip::make_address(server_name_, is_name);
  if (is_name) SSL_set_tlsext_host_name(stream_->native_handle(), server_name_.c_str());
  error_code error;
  stream_->set_verify_callback(ssl::host_name_verification(server_name_), error);
  socket_->expires_at(deadline);
  if (!error) {
    error = Await(
        stop, [&](auto handler) { stream_->async_handshake(ssl::stream_base::client, handler); });
  }
  if (!error) return std::nullopt;
  const long verified = SSL_get_verify_result(stream_->native_handle());
  ERR_clear_error();
  const bool disagree = error.category() == asio::error::get_ssl_category();
  if (disagree && verified != X509_V_OK) {
    return Failure{fmt::format("TLS: {}", X509_verify_cert_error_string(verified)), false};
  }
  return Failure{fmt::format("TLS: {}", ReasonOf(error)), !disagree};
}

tl::expected<CollectorConnection::Response, error_code> CollectorConnection::SendAndReceive(
    const Request& request, const std::stop_token& stop) {
  return stream_ ? SendAndReceiveOn(*stream_, request, stop)
                 : SendAndReceiveOn(*socket_, request, stop);
}

template <class Stream>
tl::expected<CollectorConnection::Response, error_code> CollectorConnection::SendAndReceiveOn(
    Stream& stream, const Request& request, const std::stop_token& stop) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMostAnswerBytes);
  const error_code unsent =
      Await(stop, [&](auto handler) { http::async_write(stream, request, handler); });
  // One that refuses early may have answered before it closed.
  if (unsent && !IsStale(unsent)) return tl::unexpected(unsent);
  const error_code error =
      Await(stop, [&](auto handler) { http::async_read(stream, buffer_, parser, handler); });
  if (error) return tl::unexpected(error);
  return parser.release();
}

void CollectorConnection::Disconnect() {
  stream_.reset();
  socket_.reset();
  buffer_.clear();
}

}  // namespace puente
