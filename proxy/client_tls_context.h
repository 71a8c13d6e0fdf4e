// Puente's side of TLS, where it is the client.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "proxy/client_tls_files.h"

namespace puente {

// A context that verifies servers and shows them the certificate of `files`, if there is one: TLS
// 1.2 or newer, HTTP/1.1 by ALPN. Whose certificate it must be, each connection says
// (Transport::HandshakeAsClient). The error says what can't be used.
tl::expected<std::unique_ptr<boost::asio::ssl::context>, std::string> MakeClientTlsContext(
    const ClientTlsFiles& files);

}  // namespace puente
