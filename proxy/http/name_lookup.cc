#include "proxy/http/name_lookup.h"

#include <netdb.h>

#include <boost/asio/ip/address.hpp>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace puente {

using Answer = tl::expected<HostAddresses, std::string>;

// What the asking thread and the one that looks up share.
struct NameLookup::Question {
  const std::string host;
  const std::uint16_t port;
  std::mutex mutex;
  std::condition_variable_any answered;
  std::optional<Answer> answer;

  void Reply(Answer found) {
    const std::lock_guard lock(mutex);
    answer = std::move(found);
    answered.notify_one();
  }
};

Answer LookUpHost(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return tl::unexpected(std::string(gai_strerror(error)));
  HostAddresses addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    boost::asio::ip::tcp::endpoint endpoint;
    if (at->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), at->ai_addr, at->ai_addrlen);
    endpoint.resize(at->ai_addrlen);
    addresses.push_back(endpoint);
  }
  freeaddrinfo(found);
  return addresses;
}

std::optional<HostAddresses> AddressesOfLiteral(const std::string& host, std::uint16_t port) {
  boost::system::error_code not_address;
  const auto address = boost::asio::ip::make_address(host, not_address);
  if (not_address) return std::nullopt;
  return HostAddresses{{address, port}};
}

tl::expected<NameLookup::Addresses, std::string> NameLookup::Find(
    std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) {
  if (auto addresses = AddressesOfLiteral(host_, port_)) return *std::move(addresses);
  if (!running_) {
    const std::shared_ptr<Question> question(new Question{host_, port_, {}, {}, {}});
    try {
      std::thread([question] {
        question->Reply(LookUpHost(question->host, question->port));
      }).detach();
    } catch (const std::system_error&) {
      return tl::unexpected(std::string("there is no room for one more thread"));
    }
    running_ = question;
  }
  std::unique_lock lock(running_->mutex);
  const bool answered = running_->answered.wait_until(
      lock, stop, deadline, [this] { return running_->answer.has_value(); });
  if (!answered) return tl::unexpected(std::string("the name was not resolved in time"));
  Answer answer = *std::move(running_->answer);
  lock.unlock();
  running_.reset();
  return answer;
}

}  // namespace puente
