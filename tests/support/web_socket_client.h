// A blocking WebSocket client (RFC 6455) to judge the proxy with: it shares no code with it, and
// can send what no client should.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/client_socket.h"
#include "tests/support/http_client.h"

namespace puente::test {

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

struct Frame {
  Opcode opcode = Opcode::kText;
  std::string payload;
  bool fin = true;
  std::uint8_t reserved = 0;  // RSV1 to RSV3, as 4, 2 and 1
  bool masked = true;         // as every frame of a client must be
};

// The bytes of a frame, its length in the shortest form.
std::string FrameBytes(const Frame& frame);

// What a Close frame says.
struct CloseInfo {
  std::uint16_t code = 1005;  // 1005: it has none
  std::string reason;
  bool operator==(const CloseInfo&) const = default;
};
Frame CloseFrame(std::uint16_t code, std::string_view reason = {});

// One connection. Its waits have the deadline of `options`, and throw ClientError when it passes.
// Not to be shared between threads.
class WebSocketClient {
 public:
  // Connects to 127.0.0.1:`port` and shakes hands; throws when the answer is not a valid 101.
  // `behind` is sent in one piece with the handshake.
  static WebSocketClient Connect(std::uint16_t port, std::string_view target = "/",
                                 const HeaderList& headers = {}, ClientOptions options = {},
                                 std::string_view behind = {});

  // The head of the 101.
  const HttpResponse& handshake() const { return handshake_; }

  // Throw when the peer does not take them.
  void Send(const Frame& frame) { SendRaw(FrameBytes(frame)); }
  void SendText(std::string_view text) { Send({Opcode::kText, std::string(text)}); }
  void SendClose(std::uint16_t code, std::string_view reason = {}) {
    Send(CloseFrame(code, reason));
  }
  void SendRaw(std::string_view bytes);
  // False: the peer has closed, whose last frames can still be read.
  bool TrySendRaw(std::string_view bytes) { return socket_.Write(bytes); }

  // The next frame; nullopt when the connection ends before another one begins. Throws for what a
  // server must not send: masked frames, reserved bits, unknown opcodes, control frames that are
  // long or in parts, a frame that is cut.
  std::optional<Frame> TryReadFrame();
  // The same, but throws at the end of the connection.
  Frame ReadFrame();
  // The next message that is text, all of it; answers pings meanwhile. Throws when something else
  // comes first.
  std::string ReadText();
  // The next Close; answers pings meanwhile. Throws when a message comes first.
  CloseInfo ReadClose();
  // Waits for the server's Close, answers it, and waits until the server ends the connection.
  CloseInfo FinishClose();

  // Whether something arrives (or the connection ends) within `patience`.
  bool HasInput(std::chrono::milliseconds patience);
  bool was_reset() const { return socket_.was_reset(); }
  void HalfClose() { socket_.HalfClose(); }
  void Reset() { socket_.Reset(); }

 private:
  WebSocketClient(std::uint16_t port, ClientOptions options) : socket_(port, std::move(options)) {}
  void ReadHandshake();
  bool Fill(std::size_t size);
  // The next frame that is no ping.
  Frame ReadPastPings();

  ClientSocket socket_;
  HttpResponse handshake_;
  std::string buffer_;  // received, not yet read
};

}  // namespace puente::test
