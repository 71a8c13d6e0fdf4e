#include "bench/load/connection.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace puente::bench {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

int Checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

int Connect(std::uint16_t port) {
  const int socket = Checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Checked(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address),
          "connect");
  const int on = 1;
  Checked(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
  return socket;
}

// Bytes moved; 0 when the socket would block.
std::size_t Moved(ssize_t result, const char* what) {
  if (result >= 0) return static_cast<std::size_t>(result);
  if (errno == EAGAIN || errno == EINTR) return 0;
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Connection::Connection(std::uint16_t port, int epoll) : socket_(Connect(port)) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = this}};
  Checked(::epoll_ctl(epoll, EPOLL_CTL_ADD, socket_, &event), "epoll_ctl");
}

Connection::~Connection() { ::close(socket_); }

void Connection::Send(std::string_view request, Clock::time_point due) {
  unsent_ = request;
  due_ = due;
  answer_.Reset();
  WriteRest();
}

void Connection::WriteRest() {
  while (!unsent_.empty()) {
    const auto written =
        Moved(::send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT), "send");
    if (written == 0) return;
    unsent_.remove_prefix(written);
  }
}

bool Connection::Proceed() {
  static std::array<char, kReadBytes> buffer;
  WriteRest();
  for (;;) {
    const ssize_t result = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (result == 0) throw std::runtime_error("the proxy closed a connection");
    const std::size_t read = Moved(result, "recv");
    if (read == 0) return false;
    const auto progress = answer_.Read({buffer.data(), read});
    if (progress == AnswerReader::Progress::kBroken)
      throw std::runtime_error("an answer is no HTTP/1.1");
    if (progress == AnswerReader::Progress::kMore) continue;
    if (answer_.status() != 200) {
      throw std::runtime_error(fmt::format("a request was answered {}", answer_.status()));
    }
    return true;
  }
}

}  // namespace puente::bench
