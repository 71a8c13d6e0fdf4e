// A small HTTP/1.1 client to judge the proxy with. It shares no code with it, parses strictly, and
// throws ClientError for what is no HTTP and for what does not come in time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/client_socket.h"

namespace puente::test {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse {
  std::string version;  // "HTTP/1.1"
  int status = 0;
  std::string reason;
  HeaderList headers;  // names as they were sent
  std::string body;
  // Whether the body came whole: all of its Content-Length, or the last chunk. A body that lasts
  // until the connection closes is complete when it was closed and not reset.
  bool complete = false;
  bool chunked = false;
  std::vector<std::string> chunks;  // the body as it was cut into chunks
  HeaderList trailers;
  std::vector<int> interim;  // the 1xx statuses that came before

  // The value of the first header called `name`, in any case; nullopt when there is none.
  std::optional<std::string> Header(std::string_view name) const;
  // How many headers are called `name`.
  std::size_t Count(std::string_view name) const;
};

// One connection, kept alive between requests. Not to be shared between threads.
class HttpClient {
 public:
  // Connects to 127.0.0.1:`port`. Throws ClientError when the connection or the TLS handshake is
  // refused; a TLS 1.3 server refuses a client's certificate only afterwards, on the first read.
  static HttpClient Connect(std::uint16_t port, ClientOptions options = {});

  // Request and answer. Host, Content-Length (for a body, unless `headers` has Transfer-Encoding)
  // and, for a body, `Content-Type: application/json` are added where `headers` does not have them.
  HttpResponse Get(std::string_view target, const HeaderList& headers = {});
  HttpResponse Post(std::string_view target, std::string_view body, const HeaderList& headers = {});
  HttpResponse Request(std::string_view method, std::string_view target,
                       const HeaderList& headers = {}, std::string_view body = {});

  // The halves of Request, for pipelining and for streams.
  void Send(std::string_view method, std::string_view target, const HeaderList& headers = {},
            std::string_view body = {});
  // Sends `bytes` as they are. Throws when the peer does not take them; TrySendRaw returns false
  // when the peer has closed, whose answer can still be read.
  void SendRaw(std::string_view bytes);
  bool TrySendRaw(std::string_view bytes);
  // One chunk of a chunked request body; an empty one is the last.
  void SendChunk(std::string_view data);

  // The next answer, after its 1xx ones. It answers the oldest request of Send; the answer to a
  // request of SendRaw is read as one to GET unless `method` says otherwise. Throws when the
  // connection ends before the head is complete; a body that is cut is told in `complete`.
  HttpResponse ReadResponse(std::string_view method = {});
  // Likewise, but nullopt when the connection is closed without another byte.
  std::optional<HttpResponse> TryReadResponse(std::string_view method = {});

  // The head of the next final answer only. Its body is then read by ReadBody or ReadChunk.
  HttpResponse ReadHead(std::string_view method = {});
  // The next chunk of the body; nullopt after the last one. Throws when the transfer is cut.
  std::optional<std::string> ReadChunk();
  // The rest of the body into `response`.
  void ReadBody(HttpResponse& response);
  // `100 Continue` or whatever else comes first: the status of one head, interim or final, which
  // is left to be read when it is final.
  int PeekStatus();

  // All bytes up to the end of the connection.
  std::string ReadUntilClosed();
  // Whether something arrives (or the connection ends) within `patience`.
  bool HasInput(std::chrono::milliseconds patience);
  bool was_reset() const { return socket_.was_reset(); }

  void HalfClose() { socket_.HalfClose(); }
  void Reset() { socket_.Reset(); }
  void Close() { socket_.Close(); }
  std::string tls_version() const { return socket_.tls_version(); }
  std::uint16_t local_port() const { return socket_.local_port(); }

 private:
  enum class Body { kNone, kLength, kChunked, kUntilClosed };

  HttpClient(std::uint16_t port, ClientOptions options);
  bool Fill();
  std::string TakeLine(std::string_view what);
  std::string Take(std::size_t count);
  HeaderList ReadFields();
  HttpResponse ReadOneHead();
  Body BodyOf(const HttpResponse& response, std::string_view method);
  std::string NextMethod(std::string_view method);
  std::optional<std::string> ReadChunkInto(HttpResponse* response);
  void ReadChunks(HttpResponse& response);

  ClientSocket socket_;
  std::uint16_t port_;
  std::string buffer_;               // received, not yet read
  std::deque<std::string> methods_;  // of requests without an answer yet
  Body body_ = Body::kNone;          // of the answer whose head was read last
  std::size_t body_length_ = 0;      // for kLength
};

}  // namespace puente::test
