// The whole proxy in the test's process, on free ports, with a configuration as text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "proxy/app.h"
#include "tests/support/http_client.h"

namespace puente::test {

// Throws std::runtime_error with every problem when the configuration can't be run.
class ProxyUnderTest {
 public:
  // `upstream` is a gRPC target. `more` is added to the configuration: top-level keys other than
  // listeners (there is one, "rest"), admin, descriptors (the example APIs) and upstreams (one,
  // "examples").
  explicit ProxyUnderTest(const std::string& upstream, const std::string& more = {});
  // The whole configuration; listeners should have port 0.
  static ProxyUnderTest FromConfig(const std::string& yaml);
  // The configuration of a file, which is read anew when it changes, as `puente run` does; without
  // `is_watched` only on a reload that something else sets off.
  static ProxyUnderTest FromFile(const std::string& path, bool is_watched = true);

  std::uint16_t port(const std::string& listener = "rest") const { return app_->port(listener); }
  std::uint16_t admin_port() const { return app_->admin_port(); }
  App& app() { return *app_; }

  HttpClient Connect(ClientOptions options = {}) const {
    return HttpClient::Connect(port(), options);
  }
  // One request on a connection of its own.
  HttpResponse Get(const std::string& target, const HeaderList& headers = {}) const;
  HttpResponse Post(const std::string& target, const std::string& body,
                    const HeaderList& headers = {}) const;
  HttpResponse Admin(const std::string& target) const;
  // The value of one line of /metrics, its name and labels spelled as there; 0 when there is none.
  double Metric(const std::string& series) const;

  // Ends the proxy, as its destructor does.
  void Stop() { app_.reset(); }

 private:
  explicit ProxyUnderTest(std::unique_ptr<App> app) : app_(std::move(app)) {}
  std::unique_ptr<App> app_;
};

// The FileDescriptorSet of the example APIs, made by the build.
std::string ExampleDescriptors();
// That of one contract alone: "billing", "auth", "audiostream" or "users".
std::string ExampleDescriptors(const std::string& contract);

// A configuration with the listener "rest" and the admin listener on free ports, and the example
// APIs. `more` is the rest of it: upstreams, and any other top-level keys.
std::string ExampleConfig(const std::string& more);

}  // namespace puente::test
