// What RFC 9112 calls an error and Boost.Beast lets through.
//
// Two programs that disagree where a request ends are how requests are smuggled. Beast 1.81 accepts
// unknown transfer codings, folded header lines, a missing or second Host and more; nothing of that
// may reach the router or an upstream.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "transcoder/error.h"
#include "transcoder/http_message.h"

namespace puente {

// Whose message it is.
enum class HttpSender { kClient, kUpstream };

// The error for a message that is malformed as `message` says: 400 for a client's request, 502 for
// an upstream's answer.
Error MalformedHttp(HttpSender sender, std::string_view message);

// Looks at a head that need not be complete, from the byte at `from` on. An error is one of
// MalformedHttp, and no more bytes would change it: a bare CR or LF, a control character.
std::optional<Error> CheckHeadBytes(std::string_view head, std::size_t from,
                                    HttpSender sender = HttpSender::kClient);

// Looks at the raw bytes of a head, from the first byte of the start line to the empty line, before
// Beast sees them. An error is one of MalformedHttp: what CheckHeadBytes finds, a header line that
// begins with white space (obs-fold), a non-ASCII byte in the start line.
std::optional<Error> CheckRawHead(std::string_view head, HttpSender sender = HttpSender::kClient);

// Looks at the parsed fields. `minor_version` is that of HTTP/1.x. An error is one of
// MalformedHttp: Transfer-Encoding that is anything but one "chunked", or in HTTP/1.0, or together
// with Content-Length; more than one Content-Length, or one that is not a plain number. In a
// client's request also: no Host in HTTP/1.1; more than one Host, or one that is no host and port.
std::optional<Error> CheckFraming(std::span<const HeaderView> headers, int minor_version,
                                  HttpSender sender = HttpSender::kClient);

// "host", "host:port", "[v6]:port" or "" (RFC 9110, 7.2).
bool IsValidHost(std::string_view host);

}  // namespace puente
