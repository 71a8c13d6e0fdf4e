// One request, and what comes of it behind Puente, Envoy and grpc-gateway: a row of the comparison,
// read from cases/.
#pragma once

#include <array>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_upstream.h"
#include "tests/support/http_client.h"

namespace puente::test {

enum class Product { kPuente, kEnvoy, kGrpcGateway };
inline constexpr std::array kProducts = {Product::kPuente, Product::kEnvoy, Product::kGrpcGateway};
// As people write it; and the key of its outcome in a case.
std::string NameOf(Product product);
std::string KeyOf(Product product);

// What the gRPC server answers once it has all messages of a request.
struct UpstreamReply {
  std::vector<std::string> messages;  // text format
  int code = 0;
  std::string message;
  std::string details;  // google.rpc.Status in text format; empty: none
  Metadata initial;
  Metadata trailing;
};

// A name and the value it must have; nullopt: there must be none.
using Entries = std::vector<std::pair<std::string, std::optional<std::string>>>;

struct Outcome {
  int status = 0;                       // 0: the product does not load the service
  std::optional<std::string> body;      // blanks outside of strings don't count
  std::optional<std::string> body_has;  // a part of it, or of why the service is not loaded
  std::optional<std::vector<std::string>> sees;  // what reaches the gRPC server, in text format
  Entries headers;                               // of the answer
  Entries metadata;                              // of the call
  bool cut = false;                              // the body ends before its end

  bool operator==(const Outcome&) const = default;
};

struct CompatCase {
  std::string name;
  std::string where;  // file and line
  std::string service = "Bookstore";
  std::string method;
  std::string target;
  HeaderList headers;
  std::string body;
  UpstreamReply reply;
  std::array<Outcome, kProducts.size()> outcomes;
  std::array<std::string, kProducts.size()>
      settings;     // of `transcoding`: Puente does as a product does
  std::string why;  // empty: all agree

  const Outcome& Of(Product product) const { return outcomes[static_cast<std::size_t>(product)]; }
  // Empty: Puente can't be told to do as `product` does, or does so anyhow.
  const std::string& SettingFor(Product product) const {
    return settings[static_cast<std::size_t>(product)];
  }
  bool AllAgree() const {
    return Of(Product::kEnvoy) == Of(Product::kPuente) &&
           Of(Product::kGrpcGateway) == Of(Product::kPuente);
  }
};
void PrintTo(const CompatCase& compat_case, std::ostream* out);
// As the name of a test: letters, digits and underscores.
std::string TestNameOf(const CompatCase& compat_case);

struct Theme {
  std::string name;
  std::vector<CompatCase> cases;
};

// All files of cases/, in the order of their names. Throws std::runtime_error, with file and line,
// for what is no case: an unknown key, a product without an outcome, a difference without a reason.
std::vector<Theme> LoadThemes();
// The cases of all themes.
std::vector<CompatCase> LoadCases();

}  // namespace puente::test
