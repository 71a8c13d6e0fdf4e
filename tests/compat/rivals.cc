#include "tests/compat/rivals.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/support/http_client.h"

namespace puente::test {
namespace {

// A file of what tests/compat/judge makes.
std::string Made(const std::string& name) {
  const char* folder = std::getenv("PUENTE_COMPAT_OUT");
  if (folder == nullptr) {
    throw std::runtime_error("run it by `make compat`, which gets all it needs");
  }
  return fmt::format("{}/{}", folder, name);
}

std::string ReadFile(const std::string& path) {
  std::ifstream input(path);
  return {std::istreambuf_iterator<char>(input), {}};
}

std::string Filled(std::string text, const std::string& name, const std::string& value) {
  const std::string mark = fmt::format("@{}@", name);
  return text.replace(text.find(mark), mark.size(), value);
}

std::string EnvoyConfig(const std::string& service, std::uint16_t upstream_port) {
  std::string text = ReadFile(PUENTE_COMPAT_FOLDER "/envoy.yaml");
  text = Filled(std::move(text), "DESCRIPTORS", PUENTE_COMPAT_DESCRIPTORS);
  text = Filled(std::move(text), "SERVICE", service);
  return Filled(std::move(text), "UPSTREAM_PORT", std::to_string(upstream_port));
}

// 0: there is none, or not yet.
std::uint16_t PortBehind(const std::string& text, const std::string& mark) {
  const auto at = text.find(mark);
  std::uint16_t port = 0;
  if (at != std::string::npos) {
    std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), port);
  }
  return port;
}

// The port of an Envoy that is ready, whose admin's address stands in a file; 0 for any other.
std::uint16_t ListenerPort(const std::string& admin_file) {
  const auto admin = PortBehind(ReadFile(admin_file), "127.0.0.1:");
  if (admin == 0) return 0;
  try {
    HttpClient client = HttpClient::Connect(admin);
    if (client.Get("/ready").status != 200) return 0;
    return PortBehind(client.Get("/listeners").body, "rest::127.0.0.1:");
  } catch (const ClientError&) {
    return 0;
  }
}

constexpr std::chrono::seconds kStart{30};

}  // namespace

EnvoyUnderTest::EnvoyUnderTest(const std::string& service, std::uint16_t upstream_port)
    : process_(Made("bin/envoy"),
               {"--config-path", dir_.Write("envoy.yaml", EnvoyConfig(service, upstream_port)),
                "--admin-address-path", dir_.File("admin"), "--disable-hot-restart",
                "--concurrency", "1", "--log-level", "error"}) {
  const auto ended = [&] { return process_.WaitForExit(std::chrono::milliseconds(0)).has_value(); };
  WaitUntil([&] { return ended() || (port_ = ListenerPort(dir_.File("admin"))) != 0; }, kStart);
  if (port_ == 0) throw std::runtime_error("Envoy did not start: " + process_.Errors());
}

GatewayUnderTest::GatewayUnderTest(std::uint16_t upstream_port)
    : process_(Made("bin/compat-gateway"), {fmt::format("127.0.0.1:{}", upstream_port)}),
      port_(process_.WaitForPort("listening on 127.0.0.1:")) {
  if (port_ == 0) throw std::runtime_error("the gateway did not start: " + process_.Errors());
}

std::optional<std::string> GatewayRefusal(const std::string& name) {
  const std::string file = Made(fmt::format("gateway/{}.refusal", name));
  return std::filesystem::exists(file) ? std::optional(ReadFile(file)) : std::nullopt;
}

}  // namespace puente::test
