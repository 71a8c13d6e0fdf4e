// One connection to the legacy service: HTTP/1.1 with keep-alive and pipelining.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace puente::examples {

struct LegacyRequest {
  std::string method;
  std::string target;  // as it came
  std::string accept;  // the header; empty when there is none
  std::string body;
};

struct LegacyAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // besides what every answer has
  // What follows the body, part by part until nullopt: each part leaves as a chunk of its own, and
  // the next is asked for when it is sent. Null: the body is all.
  std::function<std::optional<std::string>()> more;
  std::chrono::milliseconds delay{0};  // before it is sent
};

// On the thread that serves, which waits for it meanwhile.
using LegacyHandler = std::function<LegacyAnswer(const LegacyRequest&)>;

// Answers request after request until the client is done, is silent for a minute, or sends what is
// no HTTP (400), a head above 16 KiB (431) or a body above 1 MiB (413). `handler` outlives it.
boost::asio::awaitable<void> ServeLegacySession(boost::asio::ip::tcp::socket socket,
                                                const LegacyHandler& handler);

}  // namespace puente::examples
