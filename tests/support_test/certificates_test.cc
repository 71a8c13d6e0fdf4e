#include "tests/support/certificates.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace puente::test {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate Read(const std::string& file) {
  std::unique_ptr<BIO, decltype(&BIO_free_all)> in(BIO_new_file(file.c_str(), "r"), BIO_free_all);
  return {PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free};
}

// X509_V_OK or what is wrong with `certificate`, for a peer that trusts `ca`.
int Verify(const std::string& certificate, const std::string& ca) {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                      X509_STORE_free);
  X509_STORE_load_file(store.get(), ca.c_str());
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), X509_STORE_CTX_free);
  const auto leaf = Read(certificate);
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

TEST(TestCertificates, AreWhatTheirNamesSay) {
  const TestCertificates files;
  EXPECT_EQ(Verify(files.server.certificate, files.ca), X509_V_OK);
  EXPECT_EQ(Verify(files.client_with_uri.certificate, files.ca), X509_V_OK);
  EXPECT_EQ(Verify(files.client_with_dns.certificate, files.ca), X509_V_OK);
  EXPECT_EQ(Verify(files.expired_client.certificate, files.ca), X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_NE(Verify(files.client_of_other_ca.certificate, files.ca), X509_V_OK);
  EXPECT_EQ(Verify(files.client_of_other_ca.certificate, files.other_authority.file()), X509_V_OK);
  const auto server = Read(files.server.certificate);
  EXPECT_EQ(X509_check_host(server.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(server.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_host(server.get(), "example.test", 0, 0, nullptr), 0);
}

TEST(TestCertificates, AreRemovedInTheEnd) {
  std::filesystem::path folder;
  {
    const TestCertificates files;
    folder = files.dir.path();
    EXPECT_TRUE(std::filesystem::exists(files.server.private_key));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace puente::test
