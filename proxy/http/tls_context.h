// The server side of TLS, from certificate files.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "config/problem.h"
#include "config/puente.pb.h"

namespace puente {

// A context that serves `config`: TLS 1.2 (with AEAD and forward secrecy) and 1.3, or 1.3 only;
// HTTP/1.1 by ALPN; client certificates as asked. Files that `config` lacks are passed over: the
// check of the configuration has complained of them. What is wrong with the files is added to
// `problems` by the key relative to the listener ("tls.certificate"), and nullptr is returned then.
std::unique_ptr<boost::asio::ssl::context> MakeTlsContext(const config::ServerTls& config,
                                                          std::vector<Problem>& problems);

// When the certificate of `context` ends; nullopt when it has none.
std::optional<std::chrono::system_clock::time_point> CertificateExpiry(
    boost::asio::ssl::context& context);

}  // namespace puente
