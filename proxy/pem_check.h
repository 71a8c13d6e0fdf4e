// Whether PEM texts are what gRPC needs: it would find out only when it connects, and not say so.
#pragma once

#include <optional>
#include <string>

namespace puente {

// What is wrong with `pem` as a list of certificates; nullopt: nothing.
std::optional<std::string> CheckCertificates(const std::string& pem);

// What is wrong with `key_pem` as the private key of the first certificate in `certificate_pem`;
// nullopt: nothing.
std::optional<std::string> CheckPrivateKey(const std::string& key_pem,
                                           const std::string& certificate_pem);

}  // namespace puente
