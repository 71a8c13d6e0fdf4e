#include "proxy/http/web_socket_handshake.h"

#include <algorithm>
#include <boost/beast/http/rfc7230.hpp>
#include <string>
#include <string_view>

#include "transcoder/base64.h"

namespace puente {
namespace {

constexpr std::string_view kVersion = "13";
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeyCharacters = 24;

bool FieldHasToken(const RequestHead& head, std::string_view name, std::string_view token) {
  return std::any_of(head.headers.begin(), head.headers.end(), [&](const HeaderView& header) {
    return EqualsIgnoreCase(header.name, name) &&
           boost::beast::http::token_list({header.value.data(), header.value.size()})
               .exists({token.data(), token.size()});
  });
}

std::ptrdiff_t CountFields(const RequestHead& head, std::string_view name) {
  return std::count_if(head.headers.begin(), head.headers.end(), [name](const HeaderView& header) {
    return EqualsIgnoreCase(header.name, name);
  });
}

bool IsKey(std::string_view text) {
  if (text.size() != kKeyCharacters) return false;
  const auto key = DecodeBase64(text);
  return key && key->size() == kKeyBytes;
}

tl::unexpected<Error> UnsupportedVersion() {
  return tl::unexpected(Error{Code::kUnimplemented,
                              "only version 13 of the WebSocket protocol is supported",
                              426,
                              {},
                              {{"Upgrade", "websocket"},
                               {"Connection", "upgrade"},
                               {"Sec-WebSocket-Version", std::string(kVersion)}}});
}

}  // namespace

bool IsWebSocketUpgrade(const RequestHead& head) {
  return head.method == "GET" && head.minor_version >= 1 &&
         FieldHasToken(head, "upgrade", "websocket") &&
         FieldHasToken(head, "connection", "upgrade");
}

Result<void> CheckWebSocketHandshake(const RequestHead& head) {
  if (CountFields(head, "sec-websocket-version") > 1) {
    return Fail(Code::kInvalidArgument, "more than one Sec-WebSocket-Version header", 400);
  }
  const std::string_view* version = FindHeader(head.headers, "sec-websocket-version");
  if (version == nullptr || *version != kVersion) return UnsupportedVersion();
  if (CountFields(head, "sec-websocket-key") != 1) {
    return Fail(Code::kInvalidArgument, "a WebSocket needs one Sec-WebSocket-Key header", 400);
  }
  if (!IsKey(*FindHeader(head.headers, "sec-websocket-key"))) {
    return Fail(Code::kInvalidArgument, "Sec-WebSocket-Key is not 16 bytes in base64", 400);
  }
  if (head.HasBody()) {
    return Fail(Code::kInvalidArgument, "the request for a WebSocket has a body", 400);
  }
  return {};
}

}  // namespace puente
