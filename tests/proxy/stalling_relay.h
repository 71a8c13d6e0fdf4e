// A network between a client and a server that can go silent.
#pragma once

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <string>
#include <thread>

namespace puente::test {

// Passes on what comes over its first connection, until it is told to let it vanish. Nobody is told
// that it does: the connections stay.
class StallingRelay {
 public:
  // Listens at a free port of 127.0.0.1, and connects to `server` there.
  explicit StallingRelay(std::uint16_t server) : server_(server) {}
  // Waits until the client has closed its connection.
  ~StallingRelay() {
    boost::system::error_code ignored;
    // In case that nobody ever came.
    Socket(context_).connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  StallingRelay(const StallingRelay&) = delete;
  StallingRelay& operator=(const StallingRelay&) = delete;

  std::string target() const {
    return fmt::format("127.0.0.1:{}", acceptor_.local_endpoint().port());
  }
  void Stall() { stalled_ = true; }

 private:
  using Tcp = boost::asio::ip::tcp;
  using Socket = Tcp::socket;

  // Until one of the two has closed its connection, which closes the other.
  void Run() {
    Socket client = acceptor_.accept();
    Socket server(context_);
    boost::system::error_code ec;
    server.connect({boost::asio::ip::address_v4::loopback(), server_}, ec);
    std::thread back([&] { Copy(server, client); });
    Copy(client, server);
    back.join();
  }

  void Copy(Socket& from, Socket& to) {
    boost::system::error_code ec;
    std::array<char, 4096> buffer;
    while (!ec) {
      const std::size_t size = from.read_some(boost::asio::buffer(buffer), ec);
      if (!stalled_) boost::asio::write(to, boost::asio::buffer(buffer, size), ec);
    }
    to.shutdown(Socket::shutdown_both, ec);
  }

  const std::uint16_t server_;
  std::atomic<bool> stalled_{false};
  boost::asio::io_context context_;
  Tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::thread thread_{[this] { Run(); }};
};

}  // namespace puente::test
