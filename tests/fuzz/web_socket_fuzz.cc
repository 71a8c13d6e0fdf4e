// Arbitrary bytes behind a WebSocket handshake: however they are cut into segments, the same
// messages and the same end must come of them, and closing never hangs.
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/web_socket.h"
#include "tests/fuzz/require.h"

namespace puente {
namespace {

using fuzz::Require;

constexpr std::size_t kCapacity = 512;
constexpr std::size_t kMaxMessage = 256;
constexpr std::size_t kMaxInput = 16384;
constexpr std::string_view kHandshake =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

// What the server does with its client.
enum class Mode { kEcho, kCloseAfterOne, kCancel };

struct Outcome {
  std::vector<std::string> messages;
  WebSocket::Event end = WebSocket::Event::kLost;
  std::uint16_t code = 0;
  bool done = false;
  bool operator==(const Outcome&) const = default;
};

Task<> Serve(Exchange& exchange, Mode mode, Outcome& outcome) {
  WebSocket socket(exchange, {.max_message_bytes = kMaxMessage});
  const bool accepted = co_await socket.Accept();
  Require(accepted);
  if (mode == Mode::kCancel) asio::post(exchange.executor(), [&socket] { socket.Cancel(); });
  std::string message;
  WebSocket::ReadResult result = co_await socket.Read(message);
  while (result.event == WebSocket::Event::kText && mode == Mode::kEcho) {
    Require(message.size() <= kMaxMessage);
    outcome.messages.push_back(message);
    co_await socket.Send(message);
    result = co_await socket.Read(message);
  }
  outcome.end = result.event;
  outcome.code = result.code;
  co_await socket.Close(1000, "done");
  outcome.done = true;
}

// `segment` bytes of the input come at a time.
Outcome Run(std::string_view bytes, std::size_t segment, Mode mode) {
  asio::io_context context(1);
  asio::local::stream_protocol::socket client(context);
  asio::local::stream_protocol::socket server(context);
  asio::local::connect_pair(server, client);
  StreamSocket socket(context, asio::generic::stream_protocol(AF_UNIX, 0), server.release());
  const auto connection = std::make_shared<Connection>(std::move(socket), nullptr, kCapacity);

  RequestHead head;
  head.raw = kHandshake;
  const RequestLimits limits;
  RequestParser parser(head, limits);
  Require(!parser.ParseHead());
  const ClientInfo info;
  const bool draining = false;
  const ExchangeOptions options{.write_timeout = std::chrono::seconds(10), .draining = draining};
  Exchange exchange(*connection, parser, head, info, options);

  Outcome outcome;
  asio::co_spawn(context, Serve(exchange, mode, outcome), asio::detached);
  context.poll();
  while (!bytes.empty() && !outcome.done) {
    const std::string_view part = bytes.substr(0, segment);
    boost::system::error_code ec;
    asio::write(client, asio::buffer(part), ec);
    bytes.remove_prefix(part.size());
    context.poll();
  }
  client.shutdown(asio::local::stream_protocol::socket::shutdown_send);
  while (!outcome.done) context.run_one();
  connection->Close();
  context.restart();
  context.poll();
  return outcome;
}

}  // namespace
}  // namespace puente

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > puente::kMaxInput) return 0;
  const std::size_t segment = 1 + data[0];
  const auto mode = static_cast<puente::Mode>(data[1] % 3);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto cut = puente::Run(bytes, segment, mode);
  const auto whole = puente::Run(bytes, puente::kMaxInput, mode);
  puente::Require(cut == whole);
  return 0;
}
