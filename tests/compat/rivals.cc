#include "tests/compat/rivals.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/support/http_client.h"

namespace puente::test {
namespace {

std::string Program(const std::string& name) {
  const char* folder = std::getenv("PUENTE_COMPAT_PROGRAMS");
  if (folder == nullptr)
    throw std::runtime_error("run it by `make compat`, which gets what it needs");
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

std::uint16_t PortBehind(const std::string& text, const std::string& mark) {
  const auto at = text.find(mark);
  if (at == std::string::npos) return 0;
  return static_cast<std::uint16_t>(std::stoul(text.substr(at + mark.size())));
}

constexpr std::chrono::seconds kStart{30};

}  // namespace

EnvoyUnderTest::EnvoyUnderTest(const std::string& service, std::uint16_t upstream_port)
    : process_(Program("envoy"),
               {"--config-path", dir_.Write("envoy.yaml", EnvoyConfig(service, upstream_port)),
                "--admin-address-path", dir_.File("admin"), "--disable-hot-restart",
                "--concurrency", "1", "--log-level", "error"}) {
  const bool lives = WaitUntil(
      [&] {
        if (process_.WaitForExit(std::chrono::milliseconds(0))) return true;
        const auto admin = PortBehind(ReadFile(dir_.File("admin")), "127.0.0.1:");
        if (admin == 0) return false;
        HttpClient client = HttpClient::Connect(admin);
        if (client.Get("/ready").status != 200) return false;
        port_ = PortBehind(client.Get("/listeners").body, "rest::127.0.0.1:");
        return port_ != 0;
      },
      kStart);
  if (!lives || port_ == 0) throw std::runtime_error("Envoy did not start: " + process_.Errors());
}

GatewayUnderTest::GatewayUnderTest(std::uint16_t upstream_port)
    : process_(Program("compat-gateway"), {fmt::format("127.0.0.1:{}", upstream_port)}),
      port_(process_.WaitForPort("listening on 127.0.0.1:")) {
  if (port_ == 0) throw std::runtime_error("the gateway did not start: " + process_.Errors());
}

bool GatewayGenerates(const std::string& proto) {
  const TempDir out;
  const std::string packages =
      "Mcompat.proto=a.invalid/a,Mlookups.proto=a.invalid/b,Mshelfimports.proto=a.invalid/c";
  ChildProcess protoc(
      "protoc", {"-I" PUENTE_COMPAT_FOLDER, "-I" PUENTE_COMPAT_FOLDER "/../../descriptors",
                 "--plugin=protoc-gen-grpc-gateway=" + Program("protoc-gen-grpc-gateway"),
                 fmt::format("--grpc-gateway_out={}:{}", packages, out.path().string()), proto});
  const auto exit_code = protoc.WaitForExit(kStart);
  if (!exit_code) throw std::runtime_error("protoc does not end");
  return *exit_code == 0;
}

}  // namespace puente::test
