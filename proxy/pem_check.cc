#include "proxy/pem_check.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace puente {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio Reader(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
}

Certificate FirstCertificate(const std::string& pem) {
  return {PEM_read_bio_X509(Reader(pem).get(), nullptr, nullptr, nullptr), X509_free};
}

}  // namespace

std::optional<std::string> CheckCertificates(const std::string& pem) {
  const bool valid = FirstCertificate(pem) != nullptr;
  ERR_clear_error();
  return valid ? std::nullopt : std::optional<std::string>("holds no certificate in PEM form");
}

std::optional<std::string> CheckPrivateKey(const std::string& key_pem,
                                           const std::string& certificate_pem) {
  const PrivateKey key(PEM_read_bio_PrivateKey(Reader(key_pem).get(), nullptr, nullptr, nullptr),
                       EVP_PKEY_free);
  const Certificate certificate = FirstCertificate(certificate_pem);
  const bool match =
      key && certificate && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!key) return "holds no private key in PEM form";
  return match || !certificate ? std::nullopt
                               : std::optional<std::string>("is not the key of the certificate");
}

}  // namespace puente
