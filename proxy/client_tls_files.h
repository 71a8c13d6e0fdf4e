// The files of Puente's side of TLS, where it is the client: of upstreams and of collectors.
#pragma once

#include <string>
#include <vector>

#include "config/problem.h"
#include "config/puente.pb.h"

namespace puente {

// PEM texts, which have been checked.
struct ClientTlsFiles {
  std::string ca;  // "": the authorities of the system
  std::string certificate;
  std::string private_key;
  std::string server_name;  // that the server's certificate must have; "": the host
};

// Reads and checks the files that `tls` names. What is wrong is added to `problems` by the key
// relative to `tls`: "ca", "certificate", "private_key".
ClientTlsFiles ReadClientTlsFiles(const config::ClientTls& tls, std::vector<Problem>& problems);

}  // namespace puente
