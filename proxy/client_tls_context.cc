#include "proxy/client_tls_context.h"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <string_view>

namespace puente {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using boost::system::error_code;

constexpr std::string_view kHttp11Alpn("\x08http/1.1", 9);

void SetProtocols(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(kHttp11Alpn.data()),
                          kHttp11Alpn.size());
}

error_code UseAuthorities(ssl::context& context, const ClientTlsFiles& files) {
  error_code error;
  context.set_verify_mode(ssl::verify_peer, error);
  if (files.ca.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.add_certificate_authority(asio::buffer(files.ca), error);
  }
  return error;
}

error_code UseCertificate(ssl::context& context, const ClientTlsFiles& files) {
  error_code error;
  if (files.certificate.empty()) return error;
  context.use_certificate_chain(asio::buffer(files.certificate), error);
  if (!error) context.use_private_key(asio::buffer(files.private_key), ssl::context::pem, error);
  return error;
}

}  // namespace

tl::expected<std::unique_ptr<ssl::context>, std::string> MakeClientTlsContext(
    const ClientTlsFiles& files) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  SetProtocols(context->native_handle());
  error_code error = UseAuthorities(*context, files);
  if (!error) error = UseCertificate(*context, files);
  if (error) return tl::unexpected("TLS: " + error.message());
  return context;
}

}  // namespace puente
