#include "proxy/reload/watched_files.h"

#include <gmock/gmock.h>

#include <optional>
#include <string_view>

#include "config/load_config.h"

namespace puente {
namespace {

using ::testing::ElementsAre;

config::Config Parse(std::string_view text) {
  return ParseConfig(text, "conf/puente.yaml", [](std::string_view) { return std::nullopt; })
      .loaded.config;
}

TEST(WatchedFiles, AllThatIsReadAndNothingThatIsWritten) {
  const config::Config config = Parse(R"(
listeners:
- {address: "127.0.0.1:0", tls: {certificate: tls.crt, private_key: tls.key, client_ca: /ca/clients.crt,
                                 client_auth: REQUIRE}}
- {address: "127.0.0.1:0", name: again, tls: {certificate: tls.crt, private_key: tls.key}}
descriptors: {files: [api.pb, more.pb]}
transcoding: {rules: rules.yaml}
upstreams:
- name: billing
  grpc: {target: "127.0.0.1:1", tls: {ca: up.crt, certificate: client.crt, private_key: client.key}}
telemetry:
  access_log: {path: access.log}
)");
  EXPECT_THAT(WatchedFiles("conf/puente.yaml", config),
              ElementsAre("/ca/clients.crt", "conf/api.pb", "conf/client.crt", "conf/client.key",
                          "conf/more.pb", "conf/puente.yaml", "conf/rules.yaml", "conf/tls.crt",
                          "conf/tls.key", "conf/up.crt"));
}

TEST(WatchedFiles, OfAConfigurationThatIsNoFile) {
  config::Config config;
  config.mutable_descriptors()->add_files("api.pb");
  EXPECT_THAT(WatchedFiles("", config), ElementsAre("api.pb"));
}

// Also of keys that no code serves yet.
TEST(WatchedFiles, KeysOfAuthentication) {
  config::Config config;
  config.mutable_auth()->add_jwt()->set_jwks_file("jwks.json");
  config.mutable_auth()->add_jwt()->set_jwks_url("https://id.example/jwks");
  config.mutable_auth()->add_api_keys()->set_keys_file("keys.yaml");
  EXPECT_THAT(WatchedFiles("", config), ElementsAre("jwks.json", "keys.yaml"));
}

}  // namespace
}  // namespace puente
