#include "tests/support/web_socket_client.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace puente::test {
namespace {

// The example of RFC 6455, 1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr std::array<std::uint8_t, 4> kMask = {0x37, 0xfa, 0x21, 0x3d};

bool IsControl(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

bool IsKnown(Opcode opcode) {
  const auto number = static_cast<std::uint8_t>(opcode);
  return number <= 2 || (number >= 8 && number <= 10);
}

void AppendBigEndian(std::uint64_t number, int bytes, std::string& out) {
  while (bytes-- > 0) out.push_back(static_cast<char>(number >> (8 * bytes)));
}

std::uint64_t BigEndian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<std::uint8_t>(c);
  return number;
}

// How many bytes of length follow the second byte of a frame.
std::size_t LengthBytes(std::uint8_t short_length) {
  return short_length < 126 ? 0 : short_length == 126 ? 2 : 8;
}

void CheckServerFrame(std::uint8_t first, std::uint8_t second) {
  const auto opcode = static_cast<Opcode>(first & 0x0f);
  if ((first & 0x70) != 0) throw ClientError("client: a frame with reserved bits");
  if ((second & 0x80) != 0) throw ClientError("client: a masked frame from a server");
  if (!IsKnown(opcode)) throw ClientError("client: an unknown opcode");
  if (IsControl(opcode) && ((first & 0x80) == 0 || second > 125)) {
    throw ClientError("client: a control frame that is long or in parts");
  }
}

CloseInfo InfoOf(const Frame& frame) {
  if (frame.payload.empty()) return {};
  if (frame.payload.size() == 1) throw ClientError("client: a Close frame with half a code");
  const std::string_view payload = frame.payload;
  return {static_cast<std::uint16_t>(BigEndian(payload.substr(0, 2))),
          std::string(payload.substr(2))};
}

}  // namespace

std::string FrameBytes(const Frame& frame) {
  std::string bytes;
  bytes.push_back(static_cast<char>((frame.fin ? 0x80 : 0) | frame.reserved << 4 |
                                    static_cast<std::uint8_t>(frame.opcode)));
  const std::size_t size = frame.payload.size();
  const int length = size < 126 ? static_cast<int>(size) : size < 65536 ? 126 : 127;
  bytes.push_back(static_cast<char>((frame.masked ? 0x80 : 0) | length));
  if (length == 126) AppendBigEndian(size, 2, bytes);
  if (length == 127) AppendBigEndian(size, 8, bytes);
  if (!frame.masked) return bytes + frame.payload;
  bytes.append(kMask.begin(), kMask.end());
  for (std::size_t i = 0; i < size; ++i) {
    bytes.push_back(static_cast<char>(frame.payload[i] ^ kMask[i % kMask.size()]));
  }
  return bytes;
}

Frame CloseFrame(std::uint16_t code, std::string_view reason) {
  Frame frame{Opcode::kClose, {}};
  AppendBigEndian(code, 2, frame.payload);
  frame.payload.append(reason);
  return frame;
}

WebSocketClient WebSocketClient::Connect(std::uint16_t port, std::string_view target,
                                         const HeaderList& headers, ClientOptions options,
                                         std::string_view behind) {
  WebSocketClient client(port, std::move(options));
  std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: {}\r\nSec-WebSocket-Version: 13\r\n",
      target, port, kKey);
  for (const auto& [name, value] : headers) request += fmt::format("{}: {}\r\n", name, value);
  client.SendRaw(request.append("\r\n").append(behind));
  client.ReadHandshake();
  return client;
}

void WebSocketClient::ReadHandshake() {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!socket_.Read(buffer_)) throw ClientError("client: the handshake was not answered");
  }
  const std::string head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  if (!head.starts_with("HTTP/1.1 101 ")) {
    throw ClientError("client: not a 101: " + head + buffer_);
  }
  handshake_.version = "HTTP/1.1";
  handshake_.status = 101;
  for (std::size_t line = head.find("\r\n") + 2; line < head.size();) {
    const std::size_t line_end = head.find("\r\n", line);
    const std::size_t colon = head.find(": ", line);
    if (colon >= line_end) throw ClientError("client: a header line without a colon");
    handshake_.headers.emplace_back(head.substr(line, colon - line),
                                    head.substr(colon + 2, line_end - colon - 2));
    line = line_end + 2;
  }
  if (handshake_.Header("sec-websocket-accept") != kAccept) {
    throw ClientError("client: a wrong Sec-WebSocket-Accept");
  }
}

void WebSocketClient::SendRaw(std::string_view bytes) {
  if (!TrySendRaw(bytes)) throw ClientError("client: the server does not take what is sent");
}

bool WebSocketClient::Fill(std::size_t size) {
  while (buffer_.size() < size) {
    const bool more = socket_.Read(buffer_);
    if (!more) return false;
  }
  return true;
}

std::optional<Frame> WebSocketClient::TryReadFrame() {
  if (!Fill(2)) {
    if (!buffer_.empty()) throw ClientError("client: a frame is cut");
    return std::nullopt;
  }
  const auto first = static_cast<std::uint8_t>(buffer_[0]);
  const auto second = static_cast<std::uint8_t>(buffer_[1]);
  CheckServerFrame(first, second);
  const std::size_t head = 2 + LengthBytes(second);
  if (!Fill(head)) throw ClientError("client: a frame is cut");
  const std::uint64_t length =
      head == 2 ? second : BigEndian(std::string_view(buffer_).substr(2, head - 2));
  if (!Fill(head + length)) throw ClientError("client: a frame is cut");
  Frame frame{static_cast<Opcode>(first & 0x0f), buffer_.substr(head, length), (first & 0x80) != 0,
              0, false};
  buffer_.erase(0, head + length);
  return frame;
}

Frame WebSocketClient::ReadFrame() {
  auto frame = TryReadFrame();
  if (!frame) throw ClientError("client: the connection ended where a frame was expected");
  return *std::move(frame);
}

Frame WebSocketClient::ReadPastPings() {
  while (true) {
    Frame frame = ReadFrame();
    if (frame.opcode != Opcode::kPing) return frame;
    Send({Opcode::kPong, std::move(frame.payload)});
  }
}

std::string WebSocketClient::ReadText() {
  Frame frame = ReadPastPings();
  if (frame.opcode != Opcode::kText) throw ClientError("client: not a text message");
  std::string text = std::move(frame.payload);
  while (!frame.fin) {
    frame = ReadPastPings();
    if (frame.opcode != Opcode::kContinuation) throw ClientError("client: not a continuation");
    text += frame.payload;
  }
  return text;
}

CloseInfo WebSocketClient::ReadClose() {
  const Frame frame = ReadPastPings();
  if (frame.opcode != Opcode::kClose) throw ClientError("client: not a Close frame");
  return InfoOf(frame);
}

CloseInfo WebSocketClient::FinishClose() {
  CloseInfo info = ReadClose();
  TrySendRaw(FrameBytes(info.code == 1005 ? Frame{Opcode::kClose, {}} : CloseFrame(info.code)));
  if (TryReadFrame()) throw ClientError("client: a frame behind the Close frame");
  return info;
}

bool WebSocketClient::HasInput(std::chrono::milliseconds patience) {
  return !buffer_.empty() || socket_.IsReadable(patience);
}

}  // namespace puente::test
