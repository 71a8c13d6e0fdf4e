// Certificates made at run time, so that no test depends on files that expire.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace puente::test {

// PEM files.
struct KeyPair {
  std::string certificate;
  std::string private_key;
};

struct CertificateSpec {
  std::string common_name;
  // Subject alternative names: "DNS:localhost", "IP:127.0.0.1",
  // "URI:spiffe://example.test/billing".
  std::vector<std::string> sans;
  std::chrono::seconds starts = std::chrono::hours(-1);  // from now
  std::chrono::seconds ends = std::chrono::hours(24);    // from now
};

// A certificate authority with an EC P-256 key. Throws std::runtime_error when OpenSSL refuses.
class CertificateAuthority {
 public:
  // Writes `name`.crt into `dir`, which must outlive the authority.
  CertificateAuthority(const TempDir& dir, std::string name);
  ~CertificateAuthority();
  CertificateAuthority(CertificateAuthority&&) noexcept;
  CertificateAuthority& operator=(CertificateAuthority&&) noexcept;

  const std::string& file() const { return file_; }
  // Issues a certificate for a new EC key, for servers and clients alike, and writes `name`.crt and
  // `name`.key. An existing file is replaced.
  KeyPair Issue(const std::string& name, const CertificateSpec& spec) const;

 private:
  struct Identity;
  const TempDir* dir_;
  std::unique_ptr<Identity> identity_;
  std::string file_;
};

// What most TLS tests need, in one temporary folder.
struct TestCertificates {
  TempDir dir;
  CertificateAuthority authority{dir, "ca"};
  CertificateAuthority other_authority{dir, "other-ca"};

  std::string ca = authority.file();
  KeyPair server = authority.Issue("server", {"localhost", {"DNS:localhost", "IP:127.0.0.1"}});
  KeyPair client_with_uri = authority.Issue("client-uri", {"client", {std::string("URI:") + kUri}});
  KeyPair client_with_dns = authority.Issue("client-dns", {"client", {std::string("DNS:") + kDns}});
  KeyPair client_of_other_ca =
      other_authority.Issue("client-other", {"client", {std::string("URI:") + kUri}});
  KeyPair expired_client = authority.Issue(
      "client-expired",
      {"client", {std::string("URI:") + kUri}, std::chrono::hours(-48), std::chrono::hours(-24)});

  static constexpr const char* kUri = "spiffe://example.test/billing";
  static constexpr const char* kDns = "client.example.test";
};

}  // namespace puente::test
