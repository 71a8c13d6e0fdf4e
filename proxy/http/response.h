// Answers, and their bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/error.h"
#include "transcoder/error_body.h"
#include "transcoder/http_message.h"

namespace puente {

struct Response {
  int status = 200;
  std::string content_type;  // "" for none
  std::vector<Header> headers;
  std::string body;
};

// The answer that an error leaves as: the only way from an Error to a client.
Response ErrorResponse(const Error& error, const ErrorBodyOptions& options = {});

// How the end of a body is told.
enum class BodyFraming {
  kLength,   // Content-Length
  kChunked,  // Transfer-Encoding: chunked
  kClose,    // by closing the connection, for HTTP/1.0
  kNone,     // there is no body, and nothing is said about one (204, 304)
};

struct ResponseHead {
  int status = 200;
  std::string_view content_type;
  BodyFraming framing = BodyFraming::kLength;
  std::uint64_t content_length = 0;  // for kLength
  bool keep_alive = true;
  int minor_version = 1;  // of the request
};

// The head as bytes, up to and with the empty line, appended to `bytes` (RFC 9112), with the date
// unless `headers` have one. `headers` with
// a line break in name or value are left out.
void AppendHead(const ResponseHead& head, const std::vector<Header>& headers, std::string& bytes);

// Appends one chunk of a chunked body; nothing when `data` is empty, since an empty chunk would end
// it.
void AppendChunk(std::string_view data, std::string& bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace puente
