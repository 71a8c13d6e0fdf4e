#include "proxy/telemetry/tracing/name_lookup.h"

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

using Answer = tl::expected<NameLookup::Addresses, std::string>;

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

namespace {

using boost::asio::ip::tcp;

Answer LookUp(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return tl::unexpected(std::string(gai_strerror(error)));
  NameLookup::Addresses addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    tcp::endpoint endpoint;
    if (at->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), at->ai_addr, at->ai_addrlen);
    endpoint.resize(at->ai_addrlen);
    addresses.push_back(endpoint);
  }
  freeaddrinfo(found);
  return addresses;
}

}  // namespace

tl::expected<NameLookup::Addresses, std::string> NameLookup::Find(
    std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) {
  boost::system::error_code not_address;
  const auto address = boost::asio::ip::make_address(host_, not_address);
  if (!not_address) return Addresses{{address, port_}};
  if (!running_) {
    const std::shared_ptr<Question> question(new Question{host_, port_, {}, {}, {}});
    try {
      std::thread([question] { question->Reply(LookUp(question->host, question->port)); }).detach();
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
