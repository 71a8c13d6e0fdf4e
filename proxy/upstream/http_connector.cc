#include "proxy/upstream/http_connector.h"

#include <boost/asio/redirect_error.hpp>

namespace puente {
namespace {

using boost::system::error_code;
using std::chrono::steady_clock;

constexpr const char* kNotInTime = "no connection in time";

}  // namespace

HttpConnector::HttpConnector(const HttpUpstream& upstream, std::size_t target, HostLookup& lookup,
                             Executor executor)
    : upstream_(upstream),
      target_(target),
      lookup_(lookup),
      given_up_(executor),
      socket_(executor) {}

Task<HttpConnector::Connected> HttpConnector::Connect(SteadyTime deadline) {
  deadline_ = deadline;
  const HostLookup::Answer addresses = co_await lookup_.Find(given_up_);
  if (!addresses) co_return tl::unexpected(addresses.error());
  Connected connected = co_await ConnectToOne(*addresses);
  if (connected && upstream_.is_tls()) connected = co_await ShakeHands(*std::move(connected));
  co_return connected;
}

Task<HttpConnector::Connected> HttpConnector::ConnectToOne(const HostAddresses& addresses) {
  Connected connected = tl::unexpected(std::string("the host has no address"));
  auto left = static_cast<int>(addresses.size());
  for (const auto& address : addresses) {
    if (ended_) break;
    // One that is silent does not hide the others.
    const auto now = steady_clock::now();
    attempt_end_ = now + (deadline_ - now) / left--;
    connected = co_await ConnectTo(address);
    attempt_end_ = SteadyTime::max();
    if (connected) break;
  }
  co_return connected;
}

Task<HttpConnector::Connected> HttpConnector::ConnectTo(asio::ip::tcp::endpoint address) {
  const asio::generic::stream_protocol::endpoint endpoint(address);
  error_code ec;
  socket_.open(endpoint.protocol(), ec);
  if (!ec) co_await socket_.async_connect(endpoint, asio::redirect_error(use_task, ec));
  if (!ec && !socket_.is_open()) ec = asio::error::operation_aborted;
  if (ec) {
    error_code ignored;
    socket_.close(ignored);
    const bool cut = ec == asio::error::operation_aborted;
    co_return tl::unexpected(cut ? std::string(kNotInTime) : ec.message());
  }
  co_return std::make_shared<Connection>(std::move(socket_), upstream_.tls_context(),
                                         upstream_.response_limits().max_header_bytes);
}

Task<HttpConnector::Connected> HttpConnector::ShakeHands(std::shared_ptr<Connection> connection) {
  connection_ = std::move(connection);
  const auto shaken =
      co_await connection_->transport().HandshakeAsClient(upstream_.server_name(target_));
  const std::shared_ptr<Connection> made = std::move(connection_);
  if (shaken && !made->closed()) co_return made;
  const std::string problem = made->closed() ? kNotInTime : shaken.error();
  made->Close();
  co_return tl::unexpected("TLS: " + problem);
}

void HttpConnector::CheckTime(SteadyTime now) {
  if (now >= deadline_) {
    Cancel();
  } else if (now >= attempt_end_) {
    error_code ignored;
    socket_.close(ignored);
  }
}

void HttpConnector::Cancel() {
  ended_ = true;
  given_up_.Set();
  error_code ignored;
  socket_.close(ignored);
  if (connection_) connection_->Close();
}

}  // namespace puente
