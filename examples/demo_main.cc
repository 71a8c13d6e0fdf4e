// puente-demo: the example services and the proxy in one process, ready for curl.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>

#include "config/load_config.h"
#include "examples/demo_client.h"
#include "examples/demo_config.h"
#include "examples/demo_story.h"
#include "examples/requests.h"
#include "examples/services/example_server.h"
#include "proxy/app.h"
#include "proxy/telemetry/logging.h"

namespace puente::examples {
namespace {

// Output is shown up to here; audio is long.
constexpr std::size_t kShownBytes = 1000;

// Where the demo listens. The gRPC services have a free port.
struct DemoPorts {
  const char* proxy;
  const char* admin;
  const char* legacy;
};
constexpr DemoPorts kUsualPorts{"127.0.0.1:8080", "127.0.0.1:9901", "127.0.0.1:9000"};
constexpr DemoPorts kFreePorts{"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"};

std::string ConfigFor(const ExampleServer& services, const DemoPorts& ports) {
  const auto binary = std::filesystem::read_symlink("/proc/self/exe");
  return DemoConfig({.listen = ports.proxy,
                     .admin = ports.admin,
                     .grpc_target = services.target(),
                     .legacy_url = services.legacy_url(),
                     .descriptors = binary.parent_path() / "examples.pb"});
}

std::unique_ptr<App> StartProxy(const std::string& file) {
  LoadResult result = LoadConfigFile(file);
  std::unique_ptr<App> app;
  if (result.ok()) {
    SetUpLogging(result.loaded.config.telemetry().log());
    app = App::Start(std::move(result.loaded), result.problems,
                     {file, [file] { return LoadConfigFile(file); }});
  }
  for (const Problem& problem : result.problems) fmt::print(stderr, "{}\n", ToString(problem));
  return app;
}

std::string LocalUrl(std::uint16_t port) { return fmt::format("http://127.0.0.1:{}", port); }

StoryPlaces PlacesOf(const App& app, const ExampleServer& services, const std::string& config) {
  return {LocalUrl(app.port("rest")), LocalUrl(app.admin_port()), services.legacy_url(), config};
}

bool IsText(const std::string& body) {
  return std::none_of(body.begin(), body.end(), [](unsigned char c) {
    return c < 0x20 && c != '\n' && c != '\r' && c != '\t';
  });
}

std::string Shown(const std::string& text) {
  if (!IsText(text)) return fmt::format("({} bytes)", text.size());
  if (text.size() <= kShownBytes) return text;
  return fmt::format("{}… ({} bytes)", text.substr(0, kShownBytes), text.size());
}

// Sends one request and shows both sides. False when the answer is not right.
bool Try(const DemoRequest& request, std::uint16_t port) {
  fmt::print("\n# {}\n{}\n", request.title, CurlLine(request));
  const auto answer = SendRequest(port, request);
  if (!answer) {
    fmt::print("  FAILED: {}\n", answer.error());
    return false;
  }
  fmt::print("  {} {}\n  {}\n", answer->status, answer->Header("content-type").value_or(""),
             Shown(answer->body));
  const auto wrong = CheckAnswer(request, *answer);
  if (wrong) fmt::print("  WRONG: {}\n", *wrong);
  return !wrong;
}

// Runs one step and shows what comes of it. False when that is not right.
bool Try(const StoryStep& step) {
  fmt::print("\n# {}\n{}\n", step.title, step.lines);
  std::fflush(stdout);
  std::string output;
  const auto wrong = Play(step, output);
  fmt::print("{}\n", Shown(output));
  if (wrong) fmt::print("  WRONG: {}\n", *wrong);
  return !wrong;
}

int TryAll(const StoryPlaces& places, std::uint16_t port) {
  int passed = 0;
  int failed = 0;
  const auto count = [&](bool right) { ++(right ? passed : failed); };
  for (const DemoRequest& request : DemoRequests()) count(Try(request, port));
  for (const StoryStep& step : MigrationStory(places)) count(Try(step));
  fmt::print("\n{} passed, {} failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

void PrintWelcome(const StoryPlaces& places, const ExampleServer& services) {
  fmt::print(
      "Puente serves the example APIs on {} (admin: {}), whose gRPC services are on {}. Billing "
      "still is a REST service, on {}, too.\nIts configuration may be edited while it runs: {}\n\n"
      "In another terminal, try the APIs:\n",
      places.proxy, places.admin, services.target(), places.legacy, places.config);
  for (const DemoRequest& request : DemoRequests()) {
    fmt::print("\n# {}\n{}\n", request.title, CurlLine(request));
  }
  fmt::print("\n# What is served, and how it goes\ncurl -s {0}/routes\ncurl -s {0}/metrics\n",
             places.admin);
  fmt::print("\nOr move billing from REST to gRPC, step by step (docs/migration.md tells more):\n");
  for (const StoryStep& step : MigrationStory(places)) {
    fmt::print("\n# {}\n{}\n", step.title, step.lines);
  }
  fmt::print("\nCtrl-C ends it.\n");
  std::fflush(stdout);
}

void WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
}

int Demo(bool once) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const DemoPorts& ports = once ? kFreePorts : kUsualPorts;
  ExampleServer services("127.0.0.1:0", ports.legacy);
  if (const auto started = services.Start(); !started) {
    fmt::print(stderr, "puente-demo: {}\n", started.error());
    return 1;
  }
  const DemoFile config(ConfigFor(services, ports));
  const auto app = StartProxy(config.path());
  if (!app) return 1;
  const StoryPlaces places = PlacesOf(*app, services, config.path());
  if (once) return TryAll(places, app->port("rest"));
  PrintWelcome(places, services);
  WaitForSignal(signals);
  app->BeginDrain();
  app->WaitUntilDrained();
  return 0;
}

}  // namespace
}  // namespace puente::examples

int main(int argc, char** argv) {
  CLI::App cli("Puente with example services: REST on 127.0.0.1:8080, ready for curl.",
               "puente-demo");
  bool once = false;
  cli.add_flag(
      "--once", once,
      "Try all that is printed without it, show the answers, and exit: 0 when all are right");
  CLI11_PARSE(cli, argc, argv);
  try {
    return puente::examples::Demo(once);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "puente-demo: {}\n", failure.what());
    return 1;
  }
}
