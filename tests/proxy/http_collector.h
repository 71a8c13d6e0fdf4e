// A real HTTP/1.1 server in the test's own process that plays a collector. It shares no code with
// the exporter.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/certificates.h"
#include "tests/support/wait_until.h"

namespace puente::test {

// Listens at 127.0.0.1 from construction on. Each connection has a thread.
class HttpCollector {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;
  // The bytes of the answer to the request of this number, from 0; "" closes the connection,
  // nullopt leaves it without an answer until the client closes it.
  using Script = std::function<std::optional<std::string>(std::size_t number)>;

  struct Tls {
    KeyPair certificate;
    std::string client_ca;  // "": clients need no certificate
  };

  explicit HttpCollector(Script script, std::optional<Tls> tls = std::nullopt)
      : script_(std::move(script)) {
    if (tls) UseTls(*tls);
    acceptor_thread_ = std::thread([this] { Accept(); });
  }
  ~HttpCollector() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      for (auto& socket : sockets_) Shut(socket);
    }
    // Wakes the accept that is under way.
    Socket waker(context_);
    boost::system::error_code ignored;
    waker.connect(acceptor_.local_endpoint(), ignored);
    acceptor_thread_.join();
    for (std::thread& thread : threads_) thread.join();
  }
  HttpCollector(const HttpCollector&) = delete;
  HttpCollector& operator=(const HttpCollector&) = delete;

  static std::string Answer(const std::string& status, const std::string& body = "",
                            const std::string& headers = "") {
    return "HTTP/1.1 " + status + "\r\nContent-Type: application/x-protobuf\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::vector<Request> Requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::size_t ConnectionCount() const {
    const std::lock_guard lock(mutex_);
    return sockets_.size();
  }
  // The server name that the last client asked for by TLS (SNI).
  std::string server_name() const {
    const std::lock_guard lock(mutex_);
    return server_name_;
  }
  bool WaitForRequests(std::size_t count) const {
    return WaitUntil([&] { return Requests().size() >= count; });
  }
  // Ends all connections that are there.
  void CloseConnections() {
    const std::lock_guard lock(mutex_);
    for (auto& socket : sockets_) Shut(socket);
  }

 private:
  using Socket = boost::asio::ip::tcp::socket;

  static void Shut(Socket& socket) {
    boost::system::error_code ignored;
    socket.shutdown(Socket::shutdown_both, ignored);
  }

  void UseTls(const Tls& tls) {
    namespace ssl = boost::asio::ssl;
    tls_.emplace(ssl::context::tls_server);
    tls_->use_certificate_chain_file(tls.certificate.certificate);
    tls_->use_private_key_file(tls.certificate.private_key, ssl::context::pem);
    if (tls.client_ca.empty()) return;
    tls_->load_verify_file(tls.client_ca);
    tls_->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  }

  void Accept() {
    while (true) {
      Socket accepted(context_);
      boost::system::error_code error;
      acceptor_.accept(accepted, error);
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      if (error) continue;
      Socket& socket = sockets_.emplace_back(std::move(accepted));
      threads_.emplace_back([this, &socket] { Serve(socket); });
    }
  }

  void Serve(Socket& socket) {
    if (!tls_) {
      ServeOn(socket);
    } else {
      boost::asio::ssl::stream<Socket&> stream(socket, *tls_);
      boost::system::error_code error;
      stream.handshake(stream.server, error);
      const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
      {
        const std::lock_guard lock(mutex_);
        server_name_ = name == nullptr ? "" : name;
      }
      if (!error) ServeOn(stream);
    }
    const std::lock_guard lock(mutex_);
    Shut(socket);
  }

  template <class Stream>
  void ServeOn(Stream& stream) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    while (true) {
      Request request;
      boost::beast::http::read(stream, buffer, request, error);
      if (error) return;
      std::size_t number = 0;
      {
        const std::lock_guard lock(mutex_);
        number = requests_.size();
        requests_.push_back(std::move(request));
      }
      const auto answer = script_(number);
      if (answer && answer->empty()) return;
      if (answer) boost::asio::write(stream, boost::asio::buffer(*answer), error);
      if (error) return;
    }
  }

  const Script script_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{
      context_, {boost::asio::ip::address_v4::loopback(), std::uint16_t{0}}};
  std::optional<boost::asio::ssl::context> tls_;
  mutable std::mutex mutex_;  // of what follows
  bool stopping_ = false;
  std::string server_name_;
  std::vector<Request> requests_;
  std::list<Socket> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_thread_;
};

}  // namespace puente::test
