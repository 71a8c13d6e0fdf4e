#include "examples/services/legacy_http_session.h"

#include <fmt/chrono.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <ctime>

#include "examples/services/legacy_json.h"

namespace puente::examples {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

constexpr std::uint32_t kMaxHeadBytes = 16 << 10;
constexpr std::uint64_t kMaxBodyBytes = 1 << 20;
constexpr std::chrono::seconds kReadTimeout{60};  // for a whole request, from the last answer on
constexpr std::chrono::seconds kWriteTimeout{30};
constexpr std::chrono::seconds kLingerTimeout{2};
constexpr unsigned kHttp10 = 10;

// What of a request decides how its answer is sent.
struct Framing {
  unsigned version = 11;
  bool keep_alive = false;
  bool is_head = false;  // only the head of the answer is sent
};

template <class Body>
http::response<Body> Begin(const LegacyAnswer& answer, const Framing& framing) {
  http::response<Body> response(static_cast<http::status>(answer.status), framing.version);
  response.set(http::field::server, "legacy-billing/2.4");
  response.set(http::field::date,
               fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr))));
  response.set(http::field::content_type, answer.content_type);
  for (const auto& [name, value] : answer.headers) response.set(name, value);
  response.keep_alive(framing.keep_alive);
  return response;
}

// The answer to a request that Beast refused; nullopt: the client has gone.
std::optional<LegacyAnswer> RefusalOf(error_code ec) {
  const bool is_http = ec.category() == make_error_code(http::error::bad_method).category();
  const bool has_gone = ec == http::error::end_of_stream || ec == http::error::partial_message;
  if (!is_http || has_gone) return std::nullopt;
  LegacyAnswer answer;
  if (ec == http::error::body_limit) {
    answer.status = 413;
  } else {
    answer.status = ec == http::error::header_limit ? 431 : 400;
  }
  answer.body = LegacyErrorJson(ec.message());
  return answer;
}

auto Into(error_code& ec) { return asio::redirect_error(asio::use_awaitable, ec); }

class Session {
 public:
  Session(asio::ip::tcp::socket socket, const LegacyHandler& handler)
      : stream_(std::move(socket)), handler_(handler) {}

  asio::awaitable<void> Run() {
    bool open = true;
    while (open) open = co_await ServeOne();
    co_await Linger();
  }

 private:
  // Whether the connection can serve another request.
  asio::awaitable<bool> ServeOne() {
    Parser parser;
    parser.header_limit(kMaxHeadBytes);
    parser.body_limit(kMaxBodyBytes);
    const error_code ec = co_await Read(parser);
    if (ec) {
      co_await Refuse(ec);
      co_return false;
    }
    auto request = parser.release();
    const Framing framing{request.version(), request.keep_alive(),
                          request.method() == http::verb::head};
    LegacyAnswer answer =
        handler_({std::string(request.method_string()), std::string(request.target()),
                  std::string(request[http::field::accept]), std::move(request.body())});
    co_await Wait(answer.delay);
    co_return co_await Send(answer, framing);
  }

  asio::awaitable<error_code> Read(Parser& parser) {
    error_code ec;
    stream_.expires_after(kReadTimeout);
    co_await http::async_read_header(stream_, buffer_, parser, Into(ec));
    if (ec) co_return ec;
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      http::response<http::empty_body> proceed(http::status::continue_, parser.get().version());
      co_await http::async_write(stream_, proceed, Into(ec));
      if (ec) co_return ec;
    }
    co_await http::async_read(stream_, buffer_, parser, Into(ec));
    co_return ec;
  }

  asio::awaitable<void> Refuse(error_code ec) {
    auto answer = RefusalOf(ec);
    if (!answer) co_return;
    const Framing framing;
    co_await Send(*answer, framing);
  }

  asio::awaitable<void> Wait(std::chrono::milliseconds delay) {
    if (delay.count() == 0) co_return;
    stream_.expires_never();
    asio::steady_timer timer(stream_.get_executor(), delay);
    error_code ec;
    co_await timer.async_wait(Into(ec));
  }

  // Whether the connection can go on.
  asio::awaitable<bool> Send(LegacyAnswer& answer, const Framing& framing) {
    error_code ec;
    stream_.expires_after(kWriteTimeout);
    if (framing.is_head) {
      ec = co_await SendHead(answer, framing);
    } else if (answer.more && framing.version > kHttp10) {
      ec = co_await SendParts(answer, framing);
    } else {
      ec = co_await SendWhole(answer, framing);
    }
    co_return !ec && framing.keep_alive;
  }

  asio::awaitable<error_code> SendHead(const LegacyAnswer& answer, const Framing& framing) {
    auto response = Begin<http::empty_body>(answer, framing);
    if (!answer.more) response.content_length(answer.body.size());
    http::response_serializer<http::empty_body> serializer(response);
    error_code ec;
    co_await http::async_write_header(stream_, serializer, Into(ec));
    co_return ec;
  }

  // HTTP/1.0 knows no chunks: parts are put together.
  asio::awaitable<error_code> SendWhole(LegacyAnswer& answer, const Framing& framing) {
    auto response = Begin<http::string_body>(answer, framing);
    response.body() = std::move(answer.body);
    while (auto part = answer.more ? answer.more() : std::nullopt) response.body() += *part;
    response.prepare_payload();
    error_code ec;
    co_await http::async_write(stream_, response, Into(ec));
    co_return ec;
  }

  asio::awaitable<error_code> SendParts(LegacyAnswer& answer, const Framing& framing) {
    auto response = Begin<http::empty_body>(answer, framing);
    response.chunked(true);
    http::response_serializer<http::empty_body> serializer(response);
    error_code ec;
    co_await http::async_write_header(stream_, serializer, Into(ec));
    std::optional<std::string> part = std::move(answer.body);
    while (!ec && part) {
      if (!part->empty()) ec = co_await SendChunk(*part);
      part = answer.more();
    }
    if (ec) co_return ec;
    const auto last = http::make_chunk_last();
    co_await asio::async_write(stream_, last, Into(ec));
    co_return ec;
  }

  asio::awaitable<error_code> SendChunk(const std::string& data) {
    error_code ec;
    stream_.expires_after(kWriteTimeout);
    const auto chunk = http::make_chunk(asio::buffer(data));
    co_await asio::async_write(stream_, chunk, Into(ec));
    co_return ec;
  }

  // A close with bytes unread would reset the connection, and might cost the client its answer.
  asio::awaitable<void> Linger() {
    error_code ec;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ec);
    stream_.expires_after(kLingerTimeout);
    std::array<char, 4096> ignored{};
    const auto buffer = asio::buffer(ignored);
    while (!ec) co_await stream_.async_read_some(buffer, Into(ec));
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;  // received, not yet read: the next requests
  const LegacyHandler& handler_;
};

}  // namespace

asio::awaitable<void> ServeLegacySession(asio::ip::tcp::socket socket,
                                         const LegacyHandler& handler) {
  Session session(std::move(socket), handler);
  co_await session.Run();
}

}  // namespace puente::examples
