#include "proxy/http/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>

#include <string_view>
#include <system_error>

namespace puente {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::string_view kHttp11Alpn("\x08http/1.1", 9);

// The first of OpenSSL's errors is what happened; later ones say only where.
std::string OpensslReason() {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

// OpenSSL would ask at the terminal, and wait.
int NoPassphrase(char*, int, int, void*) { return 0; }

// A client that offers ALPN without http/1.1 speaks something that is not served here.
int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
               unsigned int in_size, void*) {
  const int selected = SSL_select_next_proto(
      const_cast<unsigned char**>(out), out_size,
      reinterpret_cast<const unsigned char*>(kHttp11Alpn.data()), kHttp11Alpn.size(), in, in_size);
  return selected == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

class ContextBuilder {
 public:
  ContextBuilder(const config::ServerTls& config, std::vector<Problem>& problems)
      : config_(config),
        problems_(problems),
        context_(std::make_unique<ssl::context>(ssl::context::tls_server)) {}

  std::unique_ptr<ssl::context> Build() {
    const std::size_t before = problems_.size();
    SetProtocols();
    if (config_.has_certificate() && config_.has_private_key()) LoadCertificate();
    SetClientAuthentication();
    return problems_.size() == before ? std::move(context_) : nullptr;
  }

 private:
  SSL_CTX* handle() { return context_->native_handle(); }

  void Problem(std::string_view key, std::string message) {
    problems_.push_back({.key = std::string(key), .message = std::move(message)});
  }

  void SetProtocols() {
    const bool tls13 = config_.min_version() == config::ServerTls::VERSION_TLS1_3;
    SSL_CTX_set_min_proto_version(handle(), tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_options(handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                      SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(handle(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(handle(), SelectAlpn, nullptr);
  }

  void LoadCertificate() {
    ERR_clear_error();
    SSL_CTX_set_default_passwd_cb(handle(), NoPassphrase);
    const bool certificate =
        SSL_CTX_use_certificate_chain_file(handle(), config_.certificate().c_str()) == 1;
    if (!certificate) {
      Problem("tls.certificate",
              fmt::format("can't load {}: {}", config_.certificate(), OpensslReason()));
    }
    LoadPrivateKey(certificate);
  }

  void LoadPrivateKey(bool has_certificate) {
    const std::string& file = config_.private_key();
    const bool loaded = SSL_CTX_use_PrivateKey_file(handle(), file.c_str(), SSL_FILETYPE_PEM) == 1;
    // A key of the certificate's kind is compared when it is loaded, one of another kind later.
    const bool mismatch =
        loaded ? has_certificate && SSL_CTX_check_private_key(handle()) != 1
               : ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509 &&
                     ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    if (mismatch) {
      Problem("tls.private_key",
              fmt::format("{} is not the key of {}", file, config_.certificate()));
    } else if (!loaded) {
      Problem("tls.private_key", fmt::format("can't load {}: {}", file, OpensslReason()));
    }
    ERR_clear_error();
  }

  void SetClientAuthentication() {
    if (config_.client_auth() == config::ServerTls::CLIENT_AUTH_NONE) return;
    if (!config_.has_client_ca()) return;
    ERR_clear_error();
    const char* ca = config_.client_ca().c_str();
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca);
    if (names == nullptr || SSL_CTX_load_verify_file(handle(), ca) != 1) {
      Problem("tls.client_ca",
              fmt::format("can't load {}: {}", config_.client_ca(), OpensslReason()));
      sk_X509_NAME_pop_free(names, X509_NAME_free);
      return;
    }
    SSL_CTX_set_client_CA_list(handle(), names);
    const bool require = config_.client_auth() == config::ServerTls::CLIENT_AUTH_REQUIRE;
    SSL_CTX_set_verify(handle(), SSL_VERIFY_PEER | (require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
    // Resumed sessions belong to this context: a ticket of a listener that asks for no certificate
    // must not open one that does.
    static constexpr unsigned char kSessionContext[] = "puente";
    SSL_CTX_set_session_id_context(handle(), kSessionContext, sizeof(kSessionContext) - 1);
  }

  const config::ServerTls& config_;
  std::vector<puente::Problem>& problems_;
  std::unique_ptr<ssl::context> context_;
};

}  // namespace

std::unique_ptr<ssl::context> MakeTlsContext(const config::ServerTls& config,
                                             std::vector<Problem>& problems) {
  return ContextBuilder(config, problems).Build();
}

std::optional<std::chrono::system_clock::time_point> CertificateExpiry(ssl::context& context) {
  const X509* certificate = SSL_CTX_get0_certificate(context.native_handle());
  std::tm time{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) {
    return std::nullopt;
  }
  return std::chrono::system_clock::from_time_t(timegm(&time));
}

}  // namespace puente
