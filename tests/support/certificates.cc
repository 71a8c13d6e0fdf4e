#include "tests/support/certificates.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>
#include <utility>

namespace puente::test {
namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using File = std::unique_ptr<BIO, Free<BIO_free_all>>;

void Require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("cannot make a certificate: ") + what);
}

Key MakeKey() {
  Key key(EVP_EC_gen("P-256"));
  Require(key != nullptr, "key");
  return key;
}

void SetName(X509* certificate, const std::string& common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  Require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.c_str()),
                                     -1, -1, 0) == 1,
          "name");
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  Require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1,
          value.c_str());
}

Certificate MakeCertificate(const CertificateSpec& spec, EVP_PKEY* key) {
  static std::atomic<long> serial{1};
  Certificate certificate(X509_new());
  Require(certificate != nullptr, "memory");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), spec.starts.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), spec.ends.count());
  X509_set_pubkey(certificate.get(), key);
  SetName(certificate.get(), spec.common_name);
  return certificate;
}

std::string Join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const auto& text : texts) joined += (joined.empty() ? "" : ",") + text;
  return joined;
}

void WriteCertificate(const std::string& path, X509* certificate) {
  const File file(BIO_new_file(path.c_str(), "w"));
  Require(file != nullptr && PEM_write_bio_X509(file.get(), certificate) == 1, path.c_str());
}

void WriteKey(const std::string& path, EVP_PKEY* key) {
  const File file(BIO_new_file(path.c_str(), "w"));
  Require(file != nullptr &&
              PEM_write_bio_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          path.c_str());
}

}  // namespace

struct CertificateAuthority::Identity {
  Key key;
  Certificate certificate;
};

CertificateAuthority::CertificateAuthority(const TempDir& dir, std::string name)
    : dir_(&dir), identity_(std::make_unique<Identity>()), file_(dir.File(name + ".crt")) {
  identity_->key = MakeKey();
  identity_->certificate = MakeCertificate({.common_name = std::move(name)}, identity_->key.get());
  X509* certificate = identity_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(certificate, certificate, NID_subject_key_identifier, "hash");
  Require(X509_sign(certificate, identity_->key.get(), EVP_sha256()) > 0, "signature");
  WriteCertificate(file_, certificate);
}

CertificateAuthority::~CertificateAuthority() = default;
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;

KeyPair CertificateAuthority::Issue(const std::string& name, const CertificateSpec& spec) const {
  const Key key = MakeKey();
  const Certificate certificate = MakeCertificate(spec, key.get());
  X509* issuer = identity_->certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  AddExtension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature");
  AddExtension(certificate.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  AddExtension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  if (!spec.sans.empty()) {
    AddExtension(certificate.get(), issuer, NID_subject_alt_name, Join(spec.sans));
  }
  Require(X509_sign(certificate.get(), identity_->key.get(), EVP_sha256()) > 0, "signature");
  const KeyPair files{dir_->File(name + ".crt"), dir_->File(name + ".key")};
  WriteCertificate(files.certificate, certificate.get());
  WriteKey(files.private_key, key.get());
  return files;
}

}  // namespace puente::test
