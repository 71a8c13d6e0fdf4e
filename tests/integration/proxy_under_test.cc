#include "tests/integration/proxy_under_test.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "config/load_config.h"

namespace puente::test {
namespace {

std::unique_ptr<App> StartApp(LoadResult result, ConfigSource source = {}) {
  std::unique_ptr<App> app;
  if (result.ok()) {
    app = App::Start(std::move(result.loaded), result.problems, std::move(source));
  }
  if (app) return app;
  std::string text;
  for (const Problem& problem : result.problems) text += ToString(problem) + "\n";
  throw std::runtime_error("the proxy did not start:\n" + text);
}

LoadResult Parse(const std::string& yaml) {
  return ParseConfig(yaml, "test.yaml", [](std::string_view) { return std::nullopt; });
}

}  // namespace

std::string ExampleDescriptors() { return PUENTE_EXAMPLE_DESCRIPTORS; }

std::string ExampleDescriptors(const std::string& contract) {
  return std::filesystem::path(ExampleDescriptors()).replace_filename(contract + ".pb");
}

std::string ExampleConfig(const std::string& more) {
  return fmt::format(
      "listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
      "admin: {{address: \"127.0.0.1:0\"}}\n"
      "descriptors: {{files: [\"{}\"]}}\n"
      "{}\n",
      ExampleDescriptors(), more);
}

ProxyUnderTest::ProxyUnderTest(const std::string& upstream, const std::string& more)
    : app_(StartApp(Parse(ExampleConfig(fmt::format(
          "upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n{}", upstream, more))))) {}

ProxyUnderTest ProxyUnderTest::FromConfig(const std::string& yaml) {
  return ProxyUnderTest(StartApp(Parse(yaml)));
}

ProxyUnderTest ProxyUnderTest::FromFile(const std::string& path, bool is_watched) {
  return ProxyUnderTest(StartApp(
      LoadConfigFile(path), {is_watched ? path : "", [path] { return LoadConfigFile(path); }}));
}

HttpResponse ProxyUnderTest::Get(const std::string& target, const HeaderList& headers) const {
  return Connect().Get(target, headers);
}

HttpResponse ProxyUnderTest::Post(const std::string& target, const std::string& body,
                                  const HeaderList& headers) const {
  return Connect().Post(target, body, headers);
}

HttpResponse ProxyUnderTest::Admin(const std::string& target) const {
  return HttpClient::Connect(admin_port()).Get(target);
}

double ProxyUnderTest::Metric(const std::string& series) const {
  const std::string text = "\n" + Admin("/metrics").body;
  const auto found = text.find("\n" + series + " ");
  return found == std::string::npos ? 0 : std::stod(text.substr(found + series.size() + 2));
}

}  // namespace puente::test
