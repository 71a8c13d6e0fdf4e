#include "tests/support/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace puente::test {
namespace {

constexpr std::size_t kLongestLine = 1 << 20;

[[noreturn]] void Throw(std::string_view what) {
  throw ClientError(fmt::format("not the answer that was expected: {}", what));
}

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool Has(const HeaderList& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& h) { return SameName(h.first, name); });
}

std::size_t ParseNumber(std::string_view text, int base, std::string_view what) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) {
    Throw(fmt::format("{} is '{}'", what, text));
  }
  return number;
}

bool IsTokenCharacter(unsigned char c) {
  return std::isalnum(c) != 0 ||
         std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
}

std::string_view Trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::pair<std::string, std::string> ParseField(std::string_view line) {
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  if (colon == std::string_view::npos || name.empty() ||
      !std::ranges::all_of(name, IsTokenCharacter)) {
    Throw(fmt::format("a header line is '{}'", line));
  }
  const auto value = Trim(line.substr(colon + 1));
  if (std::ranges::any_of(value, [](unsigned char c) { return c < 0x20 && c != '\t'; })) {
    Throw(fmt::format("the value of {} holds control characters", name));
  }
  return {std::string(name), std::string(value)};
}

// RFC 9112, section 4: "HTTP/" DIGIT "." DIGIT SP 3DIGIT SP [ reason-phrase ].
HttpResponse ParseStatusLine(std::string_view line) {
  const bool shaped = line.size() >= 13 && line.starts_with("HTTP/1.") && line[8] == ' ' &&
                      line[12] == ' ' && (line[7] == '0' || line[7] == '1');
  if (!shaped) Throw(fmt::format("the status line is '{}'", line));
  HttpResponse response;
  response.version = line.substr(0, 8);
  response.status = static_cast<int>(ParseNumber(line.substr(9, 3), 10, "the status"));
  response.reason = line.substr(13);
  return response;
}

}  // namespace

std::optional<std::string> HttpResponse::Header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& h) { return SameName(h.first, name); });
  return found == headers.end() ? std::nullopt : std::optional(found->second);
}

std::size_t HttpResponse::Count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(headers, [&](const auto& h) { return SameName(h.first, name); }));
}

HttpClient::HttpClient(std::uint16_t port, ClientOptions options)
    : socket_(port, std::move(options)), port_(port) {}

HttpClient HttpClient::Connect(std::uint16_t port, ClientOptions options) {
  return HttpClient(port, std::move(options));
}

HttpResponse HttpClient::Get(std::string_view target, const HeaderList& headers) {
  return Request("GET", target, headers);
}

HttpResponse HttpClient::Post(std::string_view target, std::string_view body,
                              const HeaderList& headers) {
  return Request("POST", target, headers, body);
}

HttpResponse HttpClient::Request(std::string_view method, std::string_view target,
                                 const HeaderList& headers, std::string_view body) {
  Send(method, target, headers, body);
  return ReadResponse();
}

void HttpClient::Send(std::string_view method, std::string_view target, const HeaderList& headers,
                      std::string_view body) {
  std::string request = fmt::format("{} {} HTTP/1.1\r\n", method, target);
  if (!Has(headers, "host")) request += fmt::format("Host: 127.0.0.1:{}\r\n", port_);
  for (const auto& [name, value] : headers) request += fmt::format("{}: {}\r\n", name, value);
  const bool framed = Has(headers, "content-length") || Has(headers, "transfer-encoding");
  const bool may_have_body = method == "POST" || method == "PUT" || method == "PATCH";
  if (!framed && (may_have_body || !body.empty())) {
    request += fmt::format("Content-Length: {}\r\n", body.size());
  }
  if (!body.empty() && !Has(headers, "content-type")) {
    request += "Content-Type: application/json\r\n";
  }
  request += "\r\n";
  request += body;
  methods_.emplace_back(method);
  // A peer that refuses the request early may close while the body is sent; its answer counts.
  TrySendRaw(request);
}

void HttpClient::SendRaw(std::string_view bytes) {
  if (!TrySendRaw(bytes)) throw ClientError("client: the connection was closed while sending");
}

bool HttpClient::TrySendRaw(std::string_view bytes) { return socket_.Write(bytes); }

void HttpClient::SendChunk(std::string_view data) {
  SendRaw(fmt::format("{:x}\r\n{}\r\n", data.size(), data));
}

HttpResponse HttpClient::ReadResponse(std::string_view method) {
  HttpResponse response = ReadHead(method);
  ReadBody(response);
  return response;
}

std::optional<HttpResponse> HttpClient::TryReadResponse(std::string_view method) {
  if (buffer_.empty() && !Fill()) return std::nullopt;
  return ReadResponse(method);
}

HttpResponse HttpClient::ReadHead(std::string_view method) {
  const std::string asked = NextMethod(method);
  std::vector<int> interim;
  HttpResponse response = ReadOneHead();
  while (response.status >= 100 && response.status < 200 && response.status != 101) {
    interim.push_back(response.status);
    response = ReadOneHead();
  }
  response.interim = std::move(interim);
  body_ = BodyOf(response, asked);
  response.chunked = body_ == Body::kChunked;
  return response;
}

std::optional<std::string> HttpClient::ReadChunk() {
  auto chunk = ReadChunkInto(nullptr);
  if (!chunk) throw ClientError("client: the transfer was cut before its last chunk");
  return chunk->empty() ? std::nullopt : std::move(chunk);
}

void HttpClient::ReadBody(HttpResponse& response) {
  switch (body_) {
    case Body::kNone:
      response.complete = true;
      break;
    case Body::kLength:
      while (buffer_.size() < body_length_ && Fill()) {
      }
      response.complete = buffer_.size() >= body_length_;
      response.body = Take(std::min(body_length_, buffer_.size()));
      break;
    case Body::kChunked:
      ReadChunks(response);
      break;
    case Body::kUntilClosed:
      response.body = ReadUntilClosed();
      response.complete = !socket_.was_reset();
      break;
  }
}

int HttpClient::PeekStatus() {
  while (buffer_.find("\r\n\r\n") == std::string::npos) {
    if (!Fill()) throw ClientError("client: the connection ended before the head of an answer");
  }
  const int status =
      ParseStatusLine(std::string_view(buffer_).substr(0, buffer_.find("\r\n"))).status;
  if (status < 200) buffer_.erase(0, buffer_.find("\r\n\r\n") + 4);
  return status;
}

std::string HttpClient::ReadUntilClosed() {
  while (Fill()) {
  }
  return std::exchange(buffer_, {});
}

bool HttpClient::HasInput(std::chrono::milliseconds patience) {
  return !buffer_.empty() || socket_.IsReadable(patience);
}

bool HttpClient::Fill() { return socket_.Read(buffer_); }

std::string HttpClient::TakeLine(std::string_view what) {
  std::size_t end = 0;
  std::size_t searched = 0;
  while ((end = buffer_.find('\n', searched)) == std::string::npos) {
    searched = buffer_.size();
    if (searched > kLongestLine) Throw(fmt::format("{} is endless", what));
    if (!Fill()) {
      throw ClientError(fmt::format("client: the connection ended in {} after '{}'{}", what,
                                    buffer_, socket_.was_reset() ? " with a reset" : ""));
    }
  }
  if (end == 0 || buffer_[end - 1] != '\r') Throw(fmt::format("{} ends in a bare LF", what));
  std::string line = Take(end + 1);
  line.resize(line.size() - 2);
  return line;
}

std::string HttpClient::Take(std::size_t count) {
  std::string taken = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return taken;
}

HeaderList HttpClient::ReadFields() {
  HeaderList fields;
  while (true) {
    const std::string line = TakeLine("the headers");
    if (line.empty()) return fields;
    fields.push_back(ParseField(line));
  }
}

HttpResponse HttpClient::ReadOneHead() {
  HttpResponse response = ParseStatusLine(TakeLine("the status line"));
  response.headers = ReadFields();
  return response;
}

// RFC 9112, section 6.3.
HttpClient::Body HttpClient::BodyOf(const HttpResponse& response, std::string_view method) {
  const auto coding = response.Header("transfer-encoding");
  const auto length = response.Header("content-length");
  if (coding && length) Throw("both Transfer-Encoding and Content-Length");
  if (response.Count("content-length") > 1) Throw("more than one Content-Length");
  if (coding && *coding != "chunked") Throw("Transfer-Encoding is not chunked");
  if (coding && response.version == "HTTP/1.0") Throw("Transfer-Encoding in HTTP/1.0");
  if (length) body_length_ = ParseNumber(*length, 10, "Content-Length");
  const int status = response.status;
  if (status == 204 && (coding || length)) Throw("a 204 with framing headers");
  if (method == "HEAD" || status == 101 || status == 204 || status == 304) return Body::kNone;
  if (coding) return Body::kChunked;
  return length ? Body::kLength : Body::kUntilClosed;
}

std::string HttpClient::NextMethod(std::string_view method) {
  std::string asked = methods_.empty() ? "GET" : methods_.front();
  if (!methods_.empty()) methods_.pop_front();
  return method.empty() ? asked : std::string(method);
}

// The data of the next chunk, empty for the last; nullopt when the connection ends before.
std::optional<std::string> HttpClient::ReadChunkInto(HttpResponse* response) {
  while (buffer_.find("\r\n") == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  const std::string size_line = TakeLine("a chunk's size");
  const std::size_t size = ParseNumber(size_line, 16, "a chunk's size");
  if (size == 0) {
    while (!buffer_.starts_with("\r\n") && buffer_.find("\r\n\r\n") == std::string::npos) {
      if (!Fill()) return std::nullopt;
    }
    HeaderList trailers = ReadFields();
    if (response != nullptr) response->trailers = std::move(trailers);
    return "";
  }
  while (buffer_.size() < size + 2) {
    if (!Fill()) return std::nullopt;
  }
  std::string data = Take(size);
  if (Take(2) != "\r\n") Throw("a chunk is longer than its size says");
  return data;
}

void HttpClient::ReadChunks(HttpResponse& response) {
  while (auto chunk = ReadChunkInto(&response)) {
    response.complete = chunk->empty();
    if (response.complete) return;
    response.body += *chunk;
    response.chunks.push_back(*std::move(chunk));
  }
}

}  // namespace puente::test
