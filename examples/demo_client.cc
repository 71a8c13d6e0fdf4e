#include "examples/demo_client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <limits>

namespace puente::examples {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

http::request<http::string_body> BeastRequest(const DemoRequest& request) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.target);
  message.set(http::field::host, "127.0.0.1");
  message.set(http::field::connection, "close");
  for (const auto& [name, value] : request.headers) message.insert(name, value);
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

DemoAnswer AnswerOf(const http::response<http::string_body>& message) {
  DemoAnswer answer;
  answer.status = message.result_int();
  for (const auto& field : message) {
    answer.headers.emplace_back(field.name_string(), field.value());
  }
  answer.body = message.body();
  return answer;
}

}  // namespace

tl::expected<DemoAnswer, std::string> SendRequest(std::uint16_t port, const DemoRequest& request) {
  asio::io_context context;
  beast::tcp_stream stream(context);
  stream.expires_after(std::chrono::seconds(10));
  beast::error_code failure;
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  parser.skip(request.method == "HEAD");
  beast::flat_buffer buffer;
  const auto message = BeastRequest(request);
  // The deadline of tcp_stream is for asynchronous operations only.
  stream.async_connect({asio::ip::address_v4::loopback(), port}, [&](beast::error_code ec) {
    failure = ec;
    if (ec) return;
    http::async_write(stream, message, [&](beast::error_code write_error, std::size_t) {
      failure = write_error;
      if (write_error) return;
      http::async_read(stream, buffer, parser,
                       [&](beast::error_code ec, std::size_t) { failure = ec; });
    });
  });
  context.run();
  if (failure) return tl::unexpected(failure.message());
  return AnswerOf(parser.get());
}

}  // namespace puente::examples
